/** The log of a function: Lambda keeps what is written to the standard output, a line as an entry. */
import { createLog, type Log } from '../../core/log.ts';

export function createFunctionLog({ service, clock }: { readonly service: string; readonly clock: () => number }): Log {
  return createLog({ service, write: (line) => process.stdout.write(`${line}\n`), clock });
}
