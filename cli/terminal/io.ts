/**
 * Everything a command touches outside of itself, and the two ways a command ends badly. `out` is for the answer
 * (with `--json`, exactly one JSON value), `err` for everything that is said about it.
 */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The folder of this package. */
  readonly root: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Asks on the terminal; undefined when there is none to ask on. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Everything on standard input, to its end: where a secret comes in. */
  readonly readInput: () => Promise<string>;
  readonly fetch: typeof globalThis.fetch;
  /** Whether a process with this id is alive. */
  readonly alive: (pid: number) => boolean;
}

/** The command was understood and not done: exit code 1. `next` says what to do now. */
export class Refused extends Error {
  readonly next: string | undefined;

  constructor(message: string, next?: string) {
    super(message);
    this.next = next;
  }
}

/** The command was not understood: exit code 2. */
export class WrongUsage extends Error {}

/** Text from elsewhere as a terminal may show it: no control characters, so no escape sequences, and nothing turned around. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, ' ');
}

export function printJson(io: Io, value: unknown): void {
  io.out(`${JSON.stringify(value, undefined, 2)}\n`);
}
