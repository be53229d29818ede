/**
 * What waits for an environment, by who asked: everybody is served in turn, each in the order of asking, so that one who
 * asks a thousand times delays another by one.
 */
export interface FairQueue<Item> {
  readonly size: number;
  add(caller: string, item: Item): void;
  /** The next of those who may have their turn; undefined when there is none. */
  take(may: (caller: string) => boolean): { readonly caller: string; readonly item: Item } | undefined;
  /** What has waited longest of those who may have their turn, without taking it. */
  oldest(may: (caller: string) => boolean): { readonly caller: string; readonly item: Item } | undefined;
  /** Everything, and leaves nothing. */
  empty(): readonly Item[];
}

export function createFairQueue<Item>(): FairQueue<Item> {
  interface Entry {
    readonly item: Item;
    readonly serial: number;
  }
  // In the order of turns: who was served goes to the end.
  const waiting = new Map<string, Entry[]>();
  let size = 0;
  let serial = 0;

  return {
    get size() {
      return size;
    },
    add(caller, item) {
      size += 1;
      serial += 1;
      const own = waiting.get(caller);
      if (own === undefined) waiting.set(caller, [{ item, serial }]);
      else own.push({ item, serial });
    },
    take(may) {
      for (const [caller, own] of waiting) {
        if (!may(caller)) continue;
        const next = own.shift();
        waiting.delete(caller);
        if (own.length > 0) waiting.set(caller, own);
        if (next === undefined) continue;
        size -= 1;
        return { caller, item: next.item };
      }
      return undefined;
    },
    oldest(may) {
      let first: (Entry & { readonly caller: string }) | undefined;
      for (const [caller, [head]] of waiting)
        if (head !== undefined && head.serial < (first?.serial ?? Infinity) && may(caller)) first = { ...head, caller };
      return first;
    },
    empty() {
      const all = [...waiting.values()].flat().toSorted((a, b) => a.serial - b.serial);
      waiting.clear();
      size = 0;
      return all.map(({ item }) => item);
    },
  };
}
