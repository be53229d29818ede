/**
 * What a product that embeds this is told about: an account was connected, stopped working or was removed. An event
 * names the account and holds no credential and nothing derived from one.
 */
import { randomBytes } from 'node:crypto';
import type { TenantParts } from '../tenant/tenant.ts';

export const CONNECTION_EVENT_TYPES = [
  'connection.created',
  'connection.needs_reconnect',
  'connection.removed',
] as const;
export type ConnectionEventType = (typeof CONNECTION_EVENT_TYPES)[number];
/** `ping` is sent when an operator tries a webhook. */
export type EventType = ConnectionEventType | 'ping';

export interface ConnectionChange {
  readonly type: ConnectionEventType;
  readonly owner: TenantParts;
  readonly provider: string;
  /** What the tenant calls the account. */
  readonly connection: string;
  /** Whose account it is, in the provider's words. */
  readonly accountName: string;
  /** The account took the place of one that was connected under the same name. */
  readonly reconnected?: boolean | undefined;
}

/** An event that is on its way. */
export interface OutgoingEvent {
  readonly id: string;
  readonly type: EventType;
  /** ISO 8601; when it happened, not when it was sent. */
  readonly at: string;
  /** JSON. The same text for every attempt: receivers may compare it. */
  readonly body: string;
}

/** Letters, digits, `-` and `_`: a full stop would let the signed text be cut in another place. */
export function mintEventId(): string {
  return `evt_${randomBytes(18).toString('base64url')}`;
}

export function connectionEvent({ owner, ...change }: ConnectionChange, id: string, at: string): OutgoingEvent {
  const { type, provider, connection, accountName: account, reconnected } = change;
  return eventOf(type, id, at, owner, {
    provider_key: provider,
    connection,
    account,
    ...(type === 'connection.created' ? { reconnected: reconnected === true } : {}),
  });
}

/** What an operator sends to try a webhook. */
export function pingEvent(client: string, id: string, at: string): OutgoingEvent {
  return eventOf('ping', id, at, { client }, {});
}

function eventOf(type: EventType, id: string, at: string, owner: TenantParts, more: object): OutgoingEvent {
  const { client: client_id, org: org_id, user: user_id } = owner;
  return { id, type, at, body: JSON.stringify({ id, type, created_at: at, client_id, org_id, user_id, ...more }) };
}
