/** `npm start`: reads the command line, prepares the template, runs it, and says what to do next. */
import { fileURLToPath } from 'node:url';
import { ancestors } from './ancestors.ts';
import { StartRefused } from '../emulator/start-refused.ts';
import { readOptions, USAGE, UsageError, type Options } from './options.ts';
import { Interrupted, prepareAssembly } from './prepare.ts';
import { startRuntime } from './runtime.ts';
import { printTrace, welcome } from './welcome.ts';

const print = (text: string): void => void process.stdout.write(text);
const warn = (line: string): void => void process.stderr.write(`${line}\n`);
/** `performance.now()` counts from the start of the process. */
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function progress(what: string): () => void {
  const begun = performance.now();
  print(`${what} ...`);
  return () => print(` ${seconds(begun)}\n`);
}

async function run(options: Options): Promise<void> {
  const { env } = process;
  const interrupted = new AbortController();
  let stop = async (): Promise<void> => interrupted.abort();
  onSignals(() => stop());
  const root = fileURLToPath(new URL('..', import.meta.url));
  const assembly = options.assembly ?? (await prepareAssembly({ root, env, progress, signal: interrupted.signal }));
  const done = progress('starting');
  const { SystemRoot } = env;
  const runtime = await startRuntime({
    ...options,
    assembly,
    code: options.conformance ? await withFixtures(root, assembly) : {},
    warn,
    node: env['LAMBDA_NODE'],
    system: SystemRoot === undefined ? {} : { SystemRoot },
  });
  stop = async () => runtime.stop();
  // A signal during the start is obeyed at its end: the start undoes itself only when it fails.
  if (interrupted.signal.aborted) return runtime.stop();
  done();
  if (options.traceAws) printTrace(runtime, print);
  print(welcome(runtime, options.data, process.cwd()));
  print(`ready in ${seconds(0)}; Ctrl-C stops it\n`);
}

async function withFixtures(root: string, assembly: string): Promise<Record<string, string>> {
  const { buildConformance, MCP_FUNCTION } = await import('../test/conformance/fixtures/build.ts');
  return { [MCP_FUNCTION]: await buildConformance(root, assembly) };
}

/** The first signal stops in order and exits with 0, the second at once with 1. */
function onSignals(stop: () => Promise<void>): void {
  let stopping = false;
  const obey = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(
      () => (process.exitCode = 0),
      (error: unknown) => {
        warn(String(error));
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, obey);
  const line = ancestors();
  setInterval(() => ancestors() !== line && !stopping && obey(), 500).unref();
}

try {
  const options = readOptions(process.argv.slice(2), process.env, process.cwd());
  if (options === 'help') print(USAGE);
  else await run(options);
} catch (error) {
  if (error instanceof Interrupted) process.exit(0);
  else if (error instanceof UsageError) warn(`${USAGE}\nerror: ${error.message}`);
  else if (error instanceof StartRefused) warn(`\n${error.message}`);
  else warn(`\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
