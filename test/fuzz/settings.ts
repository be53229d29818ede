/** Seed and number of cases, from `FUZZ_SEED` and `FUZZ_RUNS`; printed, so that a failure can be run again. */
export function fuzzSettings(name: string, runs: number): { readonly seed: number; readonly numRuns: number } {
  const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const numRuns = Number(process.env['FUZZ_RUNS'] ?? runs);
  if (!Number.isInteger(seed) || !Number.isInteger(numRuns)) throw new Error('FUZZ_SEED and FUZZ_RUNS are integers');
  process.stdout.write(`fuzz ${name}: FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}\n`);
  return { seed, numRuns };
}
