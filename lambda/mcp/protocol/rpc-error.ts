/** JSON-RPC errors over HTTP that come before any method runs: `id` is null, the message says what to do. */
import { ProtocolError } from '@modelcontextprotocol/server';
import { outageFault, OUTAGE_RETRY_SECONDS, type Unavailable } from '../../../core/unavailable.ts';

export const CODES = {
  400: -32600,
  403: -32003,
  404: -32004,
  413: -32013,
  429: -32029,
  500: -32603,
  503: -32053,
} as const;

export type HttpErrorStatus = keyof typeof CODES;

export function rpcError(
  status: HttpErrorStatus,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ jsonrpc: '2.0', id: null, error: { code: CODES[status], message } }, { status, headers });
}

/** Nothing was done for this request, because our own services are limiting or down. */
export function outageResponse(error: Unavailable): Response {
  const { message } = outageFault(error);
  return rpcError(503, `${message} Try again in ${OUTAGE_RETRY_SECONDS} seconds.`, {
    'retry-after': String(OUTAGE_RETRY_SECONDS),
  });
}

/** A call of a tool that does not exist; the message names the nearest ones that do. */
export class UnknownTool extends ProtocolError {}
