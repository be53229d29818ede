/** What a request's `_meta` asks for besides its method: progress while it waits, and its place in a trace. */
import { TRACEPARENT_META_KEY, type ServerContext } from '@modelcontextprotocol/server';
import type { Log, LogFields } from '../../../core/log.ts';
import type { OnWait } from '../../../core/egress/send.ts';

/** W3C Trace Context, section 3.2: anything else is not written down. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Sends `notifications/progress`, for a client that gave a token; undefined for the others. */
export function progressOf({ mcpReq }: ServerContext): OnWait | undefined {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let progress = 0;
  return (message) => {
    progress += 1;
    // A client that has gone is no reason to fail the call.
    mcpReq
      .notify({ method: 'notifications/progress', params: { progressToken, progress, message } })
      .catch(() => undefined);
  };
}

/** The log with the caller's trace on every line. */
export function traced(log: Log, { mcpReq }: ServerContext): Log {
  const traceparent = mcpReq._meta?.[TRACEPARENT_META_KEY];
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return log;
  const withTrace = (fields?: LogFields): LogFields => ({ traceparent, ...fields });
  return {
    info: (event, fields) => log.info(event, withTrace(fields)),
    warn: (event, fields) => log.warn(event, withTrace(fields)),
    error: (event, fields) => log.error(event, withTrace(fields)),
  };
}
