/** What an invocation of a function ends in. */
import type { Readable } from 'node:stream';

export interface FunctionError {
  readonly type: string;
  readonly message: string;
}

export type InvocationResult =
  /** The whole answer, as JSON text. */
  | { readonly kind: 'buffered'; readonly payload: Buffer }
  /** An answer that is still being written. The consumer must read it to its end. */
  | {
      readonly kind: 'streamed';
      readonly contentType: string;
      readonly body: Readable;
      /** Settles after the body's end; an error means that the function failed while it wrote. */
      readonly failure: Promise<FunctionError | undefined>;
    }
  /** The function threw, could not start, or its process ended. */
  | { readonly kind: 'failed'; readonly error: FunctionError }
  /** The function took longer than its `Timeout` and was killed. */
  | { readonly kind: 'timed-out' };

export interface Invocation {
  readonly id: string;
  /** JSON text. */
  readonly event: string;
  readonly functionArn: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** Lambda's limit for buffered requests and answers. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
