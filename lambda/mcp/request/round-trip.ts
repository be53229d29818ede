/**
 * Asking the person in the middle of a call (MCP 2026-07-28, multi-round-trip requests): what the client can show,
 * what it answered, and state that only this tenant can bring back for this very call. Older clients cannot be
 * asked: their capabilities came with another request.
 */
import { createHash } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  type InputRequests,
  type InputRequiredResult,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { SealedStates } from '../../../core/vault/sealed-state.ts';
import type { TenantId } from '../../../core/tenant/tenant.ts';

export interface RoundTrip {
  /** The client shows forms. */
  readonly canAskByForm: boolean;
  /** The client opens addresses, so that secrets can be entered outside the conversation. */
  readonly canAskByUrl: boolean;
  /** What the client answered, as it sent it: untrusted. */
  readonly responses: Readonly<Record<string, unknown>>;
  /** The state of the round before, verified; undefined on the first round. */
  readonly state: unknown;
  /**
   * @param requests none: the client comes back by itself, without asking anybody.
   * @param ttlMs how long the answer may take; by default as long as any sealed state holds.
   */
  ask(requests: InputRequests, state: unknown, ttlMs?: number): Promise<InputRequiredResult>;
}

/** Throws the protocol's error when the request brings back a state that is not good for it. */
export async function openRoundTrip(
  { states, tenant }: { readonly states: SealedStates; readonly tenant: TenantId },
  { mcpReq }: ServerContext,
  params: { readonly name: string; readonly arguments?: unknown },
): Promise<RoundTrip> {
  const purpose = JSON.stringify(['round trip', mcpReq.method, params.name, digest(params.arguments)]);
  const sealed = mcpReq.requestState<unknown>();
  const state = typeof sealed === 'string' ? await states.open(tenant, purpose, sealed) : undefined;
  if (sealed !== undefined && state === undefined)
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', {
      reason: 'invalid_request_state',
    });
  const elicitation = elicitationOf(mcpReq.envelope);
  return {
    canAskByForm:
      elicitation !== undefined && (Object.hasOwn(elicitation, 'form') || Object.keys(elicitation).length === 0),
    canAskByUrl: elicitation !== undefined && Object.hasOwn(elicitation, 'url'),
    responses: mcpReq.inputResponses ?? {},
    state,
    ask: async (requests, next, ttlMs) =>
      inputRequired({
        ...(Object.keys(requests).length === 0 ? {} : { inputRequests: requests }),
        requestState: await states.seal(tenant, purpose, next, ttlMs),
      }),
  };
}

/** What the client declares about elicitation; an empty object means forms, as in the revisions before modes. */
function elicitationOf(envelope: unknown): object | undefined {
  const capabilities = (Object(envelope) as Record<string, unknown>)[CLIENT_CAPABILITIES_META_KEY];
  const { elicitation } = Object(capabilities) as { elicitation?: unknown };
  return typeof elicitation === 'object' && elicitation !== null ? elicitation : undefined;
}

function digest(args: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(args ?? {}))
    .digest('base64url');
}
