/**
 * Whether the processes of a role have grown: the largest of them over the last tenth of the calls against the largest
 * right after the first calls, each by the median of its samples. The largest, because processes join and leave with
 * the load, and one that has just begun is smaller than it will be without having grown for a bad reason.
 */
import type { ProcessMemory } from './processes.ts';

export interface Sample {
  /** How many calls were done. */
  readonly calls: number;
  readonly processes: readonly ProcessMemory[];
}

export interface Growth {
  readonly role: string;
  /** How many processes of the role the end has seen. */
  readonly processes: number;
  readonly beforeBytes: number;
  readonly afterBytes: number;
  readonly ratio: number;
}

/** Fewer than this of one process say nothing. */
const FEWEST = 3;

/** Of the roles that are there at both ends. */
export function growthOf(samples: readonly Sample[], total: number, warm: number): readonly Growth[] {
  const tenth = total / 10;
  const before = mediansOf(samples.filter(({ calls }) => calls >= warm && calls <= warm + tenth));
  const after = mediansOf(samples.filter(({ calls }) => calls >= total - tenth));
  if (before.size === 0 || after.size === 0) throw new Error('there are too few samples to compare');
  return [...after]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .flatMap(([role, sizes]) => {
      const first = before.get(role);
      if (first === undefined) return [];
      const [beforeBytes, afterBytes] = [Math.max(...first), Math.max(...sizes)];
      return [{ role, processes: sizes.length, beforeBytes, afterBytes, ratio: afterBytes / beforeBytes }];
    });
}

/** By role, the median of each process that was there long enough. */
function mediansOf(samples: readonly Sample[]): ReadonlyMap<string, readonly number[]> {
  const byProcess = new Map<number, { readonly role: string; readonly sizes: number[] }>();
  for (const { pid, role, rssBytes } of samples.flatMap(({ processes }) => processes)) {
    const seen = byProcess.get(pid) ?? { role, sizes: [] };
    seen.sizes.push(rssBytes);
    byProcess.set(pid, seen);
  }
  const byRole = new Map<string, number[]>();
  for (const { role, sizes } of byProcess.values())
    if (sizes.length >= FEWEST) byRole.set(role, [...(byRole.get(role) ?? []), median(sizes)]);
  return byRole;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}
