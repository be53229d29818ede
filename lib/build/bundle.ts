/**
 * Builds what is deployed: one file per function, everything inside, the same bytes for the same sources. Stacks,
 * laptop runtime and tests all use these files; nothing else ever bundles (docs/decisions/0001).
 */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build as esbuild, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { FUNCTIONS, strayInputs, type FunctionName } from '../functions.ts';
import { writeManifest } from './manifest-file.ts';
import { replaceFile } from './replace-file.ts';

export interface Bundle {
  readonly name: FunctionName;
  readonly file: string;
  readonly bytes: number;
  readonly meta: Metafile;
}

export interface BuildRequest {
  /** The project's folder. */
  readonly root: string;
  /** Receives lines for a person. */
  readonly log: (line: string) => void;
}

/**
 * Writes `dist/lambda/<name>/index.mjs` and `dist/meta/<name>.json` for every function, and the MCP function's manifest.
 * Throws when a handler is missing, does not compile, or pulls in code that is not for deployment.
 */
export async function build({ root, log }: BuildRequest): Promise<readonly Bundle[]> {
  const started = performance.now();
  const missing = FUNCTIONS.filter((name) => !existsSync(handlerPath(root, name)));
  if (missing.length > 0)
    throw new Error(`Nothing was built: ${missing.map((name) => `lambda/${name}/handler.ts`).join(', ')} is missing.`);
  const catalog = await writeManifest(root);
  log(`catalogue ${catalog.version}: ${catalog.tools} tools`);
  const bundles = await Promise.all(FUNCTIONS.map((name) => bundleFunction(root, name)));
  for (const { name, bytes } of bundles) log(`${name.padEnd(10)} ${(bytes / 1024).toFixed(0).padStart(5)} KiB`);
  log(`built in ${Math.round(performance.now() - started)} ms`);
  return bundles;
}

/** How every bundle is made; the report uses the same for its floor. */
export const BUNDLING = {
  bundle: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // The packages' ES modules: their CommonJS cannot be shaken and doubles the SDK.
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: false,
  legalComments: 'none',
  charset: 'utf8',
  // CommonJS packages inside an ES module still call require() for Node's own modules.
  banner: {
    js: "import{createRequire as bundleCreateRequire}from'node:module';const require=bundleCreateRequire(import.meta.url);",
  },
  logLevel: 'silent',
} as const satisfies BuildOptions;

/** zod exports every language of its messages from one module; only English is ever used. */
export const ONLY_ENGLISH: Plugin = {
  name: 'only-english',
  setup(api) {
    api.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
      loader: 'js',
    }));
  },
};

const DEPLOYED_FILES = new Set(['index.mjs', 'manifest.json']);

async function bundleFunction(root: string, name: FunctionName): Promise<Bundle> {
  const folder = join(root, 'dist', 'lambda', name);
  const file = join(folder, 'index.mjs');
  const { outputFiles, metafile } = await esbuild({
    ...BUNDLING,
    absWorkingDir: root,
    entryPoints: [handlerPath(root, name)],
    outfile: file,
    plugins: [ONLY_ENGLISH],
  });
  const stray = strayInputs(Object.keys(metafile.inputs));
  if (stray.length > 0) throw new Error(`The bundle "${name}" would hold ${stray.join(', ')}, which is not deployed.`);
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild wrote nothing for "${name}".`);
  await replaceFile(file, output.contents);
  await removeOthers(folder);
  await replaceFile(join(root, 'dist', 'meta', `${name}.json`), JSON.stringify(metafile));
  return { name, file, bytes: output.contents.byteLength, meta: metafile };
}

/** The folder is uploaded as it is: a file that an older build left there would be deployed. */
async function removeOthers(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (!DEPLOYED_FILES.has(name)) await rm(join(folder, name), { recursive: true });
}

function handlerPath(root: string, name: FunctionName): string {
  return join(root, 'lambda', name, 'handler.ts');
}
