/**
 * The provider calls of one request against its key's month: set aside in one write before any of them runs, and at the
 * end those are given back that no provider has seen. What was refused here, and what asked the person first, costs nothing.
 */
import type { ReservedCalls } from '../../../core/meter/key-limits.ts';
import type { CallContext } from './call-context.ts';

export interface MonthCalls {
  /** The context for one call: the first request that it sends to its provider makes it count. */
  counted<Context extends Pick<CallContext, 'deps'>>(context: Context): Context;
  /** Gives back what was not sent. Once, when every call of the request has ended. */
  settle(): Promise<void>;
}

export function createMonthCalls(calls: number, reserved: ReservedCalls): MonthCalls {
  let sent = 0;
  return {
    counted(context) {
      let isSent = false;
      return {
        ...context,
        deps: {
          ...context.deps,
          transport: (request, until) => {
            if (!isSent) sent += 1;
            isSent = true;
            return context.deps.transport(request, until);
          },
        },
      };
    },
    async settle() {
      if (sent < calls) await reserved.giveBack(calls - sent);
    },
  };
}
