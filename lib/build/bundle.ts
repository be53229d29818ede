/**
 * Builds what is deployed: one file per function, everything inside, the same bytes for the same sources. Stacks,
 * laptop runtime and tests all use these files; nothing else ever bundles (docs/decisions/0001).
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build as esbuild, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { writeManifest } from './manifest-file.ts';
import { FUNCTIONS, type FunctionName } from './functions.ts';
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
  /** While functions are being written: a handler that does not exist becomes a bundle that throws. */
  readonly allowMissing?: boolean;
}

/**
 * Renders the catalogue and writes `dist/lambda/<name>/index.mjs` and `dist/meta/<name>.json` for every function.
 * Throws when a handler is missing, does not compile, or pulls in code that is not for deployment.
 */
export async function build({ root, log, allowMissing = false }: BuildRequest): Promise<readonly Bundle[]> {
  const started = performance.now();
  const missing = FUNCTIONS.filter((name) => !existsSync(handlerPath(root, name)));
  for (const name of missing) log(`lambda/${name}/handler.ts does not exist`);
  if (missing.length > 0 && !allowMissing) throw new Error(`Nothing was built: ${missing.join(', ')} has no handler.`);
  const catalog = await writeManifest(root);
  log(`catalogue ${catalog.version}: ${catalog.tools} tools`);
  for (const name of missing) await writePlaceholder(root, name);
  const present = FUNCTIONS.filter((name) => !missing.includes(name));
  const bundles = await Promise.all(present.map((name) => bundleFunction(root, name)));
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

/** Folders whose code must never reach a deployed function. */
const NOT_DEPLOYED = /^(bin|cli|lib|local|test)\//;

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
  const stray = Object.keys(metafile.inputs).filter((input) => NOT_DEPLOYED.test(input));
  if (stray.length > 0) throw new Error(`The bundle "${name}" would hold ${stray.join(', ')}, which is not deployed.`);
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild wrote nothing for "${name}".`);
  await mkdir(folder, { recursive: true });
  await mkdir(join(root, 'dist', 'meta'), { recursive: true });
  await replaceFile(file, output.contents);
  await replaceFile(join(root, 'dist', 'meta', `${name}.json`), JSON.stringify(metafile));
  return { name, file, bytes: output.contents.byteLength, meta: metafile };
}

async function writePlaceholder(root: string, name: FunctionName): Promise<void> {
  const folder = join(root, 'dist', 'lambda', name);
  await mkdir(folder, { recursive: true });
  const text = `export const handler = () => { throw new Error('lambda/${name}/handler.ts does not exist'); };`;
  await replaceFile(join(folder, 'index.mjs'), text);
}

function handlerPath(root: string, name: FunctionName): string {
  return join(root, 'lambda', name, 'handler.ts');
}
