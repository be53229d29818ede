/** What runs until it is stopped: what was opened on the way is closed, newest first, also when opening fails half way. */

export type Closer = () => Promise<void> | void;

export interface Stoppable {
  readonly stop: () => Promise<void>;
}

/** @param open adds to `closers` what it has opened, at once; its error is thrown after the rest is closed. */
export async function opened<T extends object>(open: (closers: Closer[]) => Promise<T>): Promise<T & Stoppable> {
  const closers: Closer[] = [];
  const stop = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return { ...(await open(closers)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
