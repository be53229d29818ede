/** A provider's tool as a client asks for it: our own arguments stand among the tool's, or beside them in `call_tool`. */
import type { CatalogTool } from '../../../core/catalog/catalog.ts';
import type { RequestedCall } from '../ask/confirm.ts';

/** The arguments that are ours and not the tool's. */
interface OwnArguments {
  readonly connection?: string | undefined;
  readonly confirm_token?: string | undefined;
}

/** Of a call by the tool's own name. */
export function namedCall(tool: CatalogTool, given: unknown): RequestedCall {
  const { connection, confirm_token, ...args } = Object(given ?? {}) as Record<string, unknown>;
  return requestedCall(tool, args, { connection: textOf(connection), confirm_token: textOf(confirm_token) });
}

export function requestedCall(tool: CatalogTool, args: unknown, own: OwnArguments): RequestedCall {
  return { tool, args, connection: given(own.connection), confirmToken: given(own.confirm_token) };
}

/** Clients fill in optional fields with "". */
function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
