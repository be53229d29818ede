/** A place in a fake where one call is stopped until the test says how it goes on. */

export type Ending = 'go_on' | 'drop';

export interface Hold {
  /** Settles when a call stands here. */
  readonly reached: Promise<void>;
  /** Lets it go on, or breaks its connection without an answer. May be said before a call is here. */
  readonly end: (how: Ending) => void;
}

/** The fake's side of a hold. */
export interface HoldPoint extends Hold {
  /** Stops the call that stands here; says how it ends. */
  readonly arrive: () => Promise<Ending>;
}

export function createHold(): HoldPoint {
  let arrived = (): void => {};
  let end: Hold['end'] = () => {};
  const reached = new Promise<void>((resolve) => (arrived = resolve));
  const ended = new Promise<Ending>((resolve) => (end = resolve));
  return {
    reached,
    end,
    async arrive() {
      arrived();
      return ended;
    },
  };
}
