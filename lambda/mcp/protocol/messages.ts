/** The messages of one body, before the protocol reads them: how many there are, and how many run a provider's tool. */

/** Of one request; the protocol takes no more either. */
export const MAX_MESSAGES = 100;

/** @param body parsed; undefined for one that is not JSON and so holds nothing. */
export function messagesOf(body: unknown): readonly unknown[] {
  if (body === undefined) return [];
  return Array.isArray(body) ? body : [body];
}

/** Those that will run: all or, where one is no JSON-RPC, none, because the protocol refuses the whole body then. */
export function valid(messages: readonly unknown[]): readonly unknown[] {
  return messages.every(isMessage) ? messages : [];
}

/** @param isProviderTool whether a tool of this name asks a provider. */
export function providerCallsIn(messages: readonly unknown[], isProviderTool: (name: string) => boolean): number {
  return messages.filter((message) => {
    const { id, method, params } = Object(message) as { id?: unknown; method?: unknown; params?: unknown };
    const { name } = Object(params) as { name?: unknown };
    return id !== undefined && method === 'tools/call' && typeof name === 'string' && isProviderTool(name);
  }).length;
}

function isMessage(message: unknown): boolean {
  const { jsonrpc, method } = Object(message) as { jsonrpc?: unknown; method?: unknown };
  return jsonrpc === '2.0' && (typeof method === 'string' || isResponse(message as object));
}

function isResponse(message: object): boolean {
  return Object.hasOwn(message, 'result') || Object.hasOwn(message, 'error');
}
