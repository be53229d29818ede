/**
 * How a row is measured: one warm-up, then rounds of all rows in turn, so that a busy moment of the machine falls on
 * every row alike. The round with the least processor time counts; only ratios between rows of one run mean anything.
 */

/** Answers one request; throws when the answer is not the one that was asked for. */
export type Ask = () => Promise<void>;

export interface Row {
  readonly name: string;
  readonly ask: Ask;
  /** Requests in all, for a target that meters; as many as fit when left out. */
  readonly atMost?: number;
}

export interface Figures {
  /** Milliseconds from the request to its whole answer. */
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  /** Milliseconds of processor time of this process per request: what survives a busy machine, and what is billed. */
  readonly cpu: number;
}

export interface Measured {
  readonly name: string;
  /** By the number of requests under way at once. */
  readonly at: Readonly<Record<string, Figures>>;
}

export interface Plan {
  readonly concurrency: readonly number[];
  readonly rounds: number;
  /** Per row, concurrency and round. */
  readonly milliseconds: number;
}

const WARM_UP_MS = 300;

export async function measure(
  rows: readonly Row[],
  { concurrency, rounds, milliseconds }: Plan,
): Promise<readonly Measured[]> {
  const all = new Map<string, Figures[]>();
  for (const row of rows) if (row.atMost === undefined) await run(row.ask, 1, WARM_UP_MS, Infinity);
  for (let round = 0; round < rounds; round += 1) {
    for (const n of concurrency) {
      for (const { name, ask, atMost } of rows) {
        // A metered target is asked one at a time, its requests shared out over the rounds.
        if (atMost !== undefined && n > 1) continue;
        const figures = await run(ask, n, milliseconds, Math.floor((atMost ?? Infinity) / rounds));
        const key = JSON.stringify([name, n]);
        all.set(key, [...(all.get(key) ?? []), figures]);
      }
    }
  }
  return rows.map(({ name }) => ({
    name,
    at: Object.fromEntries(
      concurrency.flatMap((n) => {
        const [best] = (all.get(JSON.stringify([name, n])) ?? []).toSorted((a, b) => a.cpu - b.cpu);
        return best === undefined ? [] : [[String(n), best]];
      }),
    ),
  }));
}

async function run(ask: Ask, concurrency: number, milliseconds: number, atMost: number): Promise<Figures> {
  const times: number[] = [];
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const end = started + milliseconds;
  let left = atMost;
  const worker = async (): Promise<void> => {
    for (let now = performance.now(); now < end && left > 0; now = performance.now()) {
      left -= 1;
      await ask();
      times.push(performance.now() - now);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  times.sort((a, b) => a - b);
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    perSecond: times.length / seconds,
    cpu: (user + system) / 1_000 / times.length,
  };
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
