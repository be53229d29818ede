/** JSON-RPC errors over HTTP that come before any method runs: `id` is null, the message says what to do. */
const CODES = { 400: -32600, 403: -32003, 404: -32004, 413: -32013, 429: -32029, 500: -32603 } as const;

export type HttpErrorStatus = keyof typeof CODES;

export function rpcError(
  status: HttpErrorStatus,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ jsonrpc: '2.0', id: null, error: { code: CODES[status], message } }, { status, headers });
}
