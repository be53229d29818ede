/**
 * The bundle of the MCP function with the fixtures, made as the deployed ones are, beside the same manifest. It lies
 * outside `dist/lambda`, so no stack can take it for a function.
 */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { BUNDLING, ONLY_ENGLISH } from '../../lib/build/bundle.ts';
import { replaceFile } from '../../lib/build/replace-file.ts';
import { readModel } from '../template/model.ts';

/** Start of the logical id of the function whose place the bundle takes. */
export const MCP_FUNCTION = 'McpEndpointFunction';

/**
 * Writes `dist/conformance/mcp` below `root` and returns that folder.
 * @param assembly the cloud assembly that is served; the manifest of its MCP function is used.
 */
export async function buildConformance(root: string, assembly: string): Promise<string> {
  const deployed = readModel(assembly).functions.find(({ logicalId }) => logicalId.startsWith(MCP_FUNCTION));
  if (deployed === undefined) throw new Error(`The template in ${assembly} holds no ${MCP_FUNCTION}.`);
  const folder = join(root, 'dist', 'conformance', 'mcp');
  const { outputFiles } = await esbuild({
    ...BUNDLING,
    absWorkingDir: root,
    entryPoints: [join(root, 'local', 'conformance', 'handler.ts')],
    outfile: join(folder, 'index.mjs'),
    plugins: [ONLY_ENGLISH],
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error('esbuild wrote nothing for the conformance fixtures.');
  await replaceFile(join(folder, 'index.mjs'), output.contents);
  copyFileSync(join(deployed.code, 'manifest.json'), join(folder, 'manifest.json'));
  return folder;
}
