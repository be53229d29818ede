/**
 * `npm run bench`: what a request costs here beside the SDK alone and beside the plain design, in one run on one
 * machine. Prints a table and, last, one JSON object. Times depend on the machine; the ratios are what is meant.
 */
import { cpus } from 'node:os';
import { gatewayRows, sdkRows } from './in-process.ts';
import { measure, type Figures, type Measured } from './measure.ts';
import { startHttpTargets } from './over-http.ts';

const CONCURRENCY = [1, 8];
const IN_PROCESS = { concurrency: CONCURRENCY, rounds: 3, milliseconds: 500 };
const OVER_HTTP = { concurrency: CONCURRENCY, rounds: 2, milliseconds: 2_000 };

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function line(name: string, { p50, p99, perSecond, cpu }: Figures, n: string): string {
  const cells = [p50.toFixed(2), p99.toFixed(2), perSecond.toFixed(0), cpu.toFixed(2)].map((cell) => cell.padStart(9));
  return `${name.padEnd(32)}${n.padStart(3)}${cells.join('')}`;
}

function table(rows: readonly Measured[]): void {
  print(`${'target'.padEnd(32)}  N${['p50 ms', 'p99 ms', 'req/s', 'cpu ms'].map((cell) => cell.padStart(9)).join('')}`);
  for (const { name, at } of rows) for (const [n, figures] of Object.entries(at)) print(line(name, figures, n));
}

/** How many times one row takes the processor time of another, each at its best. */
function ratios(rows: readonly Measured[]): Readonly<Record<string, number>> {
  const cpu = (name: string): number =>
    Math.min(...Object.values(rows.find((row) => row.name === name)?.at ?? {}).map((figures) => figures.cpu));
  const of = (a: string, b: string): number => Math.round((cpu(a) / cpu(b)) * 100) / 100;
  return {
    'call among 500 / call among 20, 2026-07-28': of('gateway 2026-07-28 call 500', 'gateway 2026-07-28 call 20'),
    'call among 500 / call among 20, 2025-11-25': of('gateway 2025-11-25 call 500', 'gateway 2025-11-25 call 20'),
    'list of 500 / list of 20, 2026-07-28': of('gateway 2026-07-28 list 500', 'gateway 2026-07-28 list 20'),
    'gateway call among 500 / SDK floor call': of('gateway 2025-11-25 call 500', 'floor call 1'),
    'peer call among 500 / gateway call among 500': of('peer call 500', 'gateway 2025-11-25 call 500'),
    'peer list of 500 / gateway list of 500': of('peer list 500', 'gateway 2025-11-25 list 500'),
  };
}

async function overHttp(): Promise<readonly Measured[]> {
  const targets = await startHttpTargets();
  try {
    return await measure(targets.rows, OVER_HTTP);
  } finally {
    await targets.stop();
  }
}

const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model ?? 'unknown' };
print(`Node ${machine.node}, ${machine.cpus} x ${machine.model}\n`);

print('In process: the handler alone, stores in memory, a provider that answers at once');
const rows = await measure(
  [...(await gatewayRows('2026-07-28')), ...(await gatewayRows('2025-11-25')), ...sdkRows()],
  IN_PROCESS,
);
table(rows);
print('\nRatios of processor time');
const compared = ratios(rows);
for (const [what, ratio] of Object.entries(compared)) print(`${what.padEnd(52)}${ratio.toFixed(2).padStart(8)}`);

print(
  '\nOver HTTP: the laptop runtime with everything that is deployed, beside the SDK behind node:http.\nHere cpu ms is the driver, the gateway of the runtime and the floor: the functions run in processes of their own.',
);
const http = await overHttp();
table(http);

print(`\n${JSON.stringify({ machine, inProcess: rows, ratios: compared, http })}`);
