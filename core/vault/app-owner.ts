/**
 * Who an OAuth app, a webhook or a setting belongs to, and what its secrets are sealed under. A secret of an app belongs
 * to no user: the user part of its context is one that no id encodes to, so that no tenant's session ever opens it, and
 * whoever may open apps opens no tenant's credential.
 */
import type { EncryptionContext } from './envelope.ts';
import { encodeId, type TenantTags } from '../tenant/tenant.ts';

/** Neither part: the platform. `org` never stands without `client`. */
export interface AppOwner {
  readonly client?: string | undefined;
  readonly org?: string | undefined;
}

/** Most specific first. */
export const APP_LEVELS = ['org', 'client', 'platform'] as const;
export type AppLevel = (typeof APP_LEVELS)[number];

/** In place of a client. Encodings are `=HH` in capitals, `=h…` or `=`: no id becomes this. */
export const PLATFORM = '=platform';
/** In place of a user. */
export const APP_USER = '=app';
/** In place of a provider, in the context of a webhook's secret: by it such a secret is told from an OAuth app's. */
export const EVENTS_PROVIDER = '=events';

/** An owner as keys and contexts spell it: made from ids once, and never encoded again. */
export interface EncodedOwner {
  readonly client: string;
  readonly org: string;
}

export function encodedOwner({ client, org }: AppOwner): EncodedOwner {
  return { client: client === undefined ? PLATFORM : encodeId(client), org: encodeId(org) };
}

/** Who owns the apps of a level for a tenant with these tags; undefined where the tenant has no such level. */
export function ownerAbove({ client, org }: Pick<TenantTags, 'client' | 'org'>, level: AppLevel) {
  const nobody = encodeId(undefined);
  if (level === 'platform') return { client: PLATFORM, org: nobody } satisfies EncodedOwner;
  if (level === 'client') return { client, org: nobody } satisfies EncodedOwner;
  return org === nobody ? undefined : ({ client, org } satisfies EncodedOwner);
}

/** What the secret of an OAuth app is sealed under. */
export function appContext(owner: AppOwner, provider: string): EncryptionContext {
  return appContextOf(encodedOwner(owner), provider);
}

export function appContextOf(owner: EncodedOwner, provider: string): EncryptionContext {
  return { ...owner, user: APP_USER, provider, connection: 'oauth-app' };
}

/** What the secret that signs a client's events is sealed under. */
export function webhookContext(client: string): EncryptionContext {
  return {
    client: encodeId(client),
    org: encodeId(undefined),
    user: APP_USER,
    provider: EVENTS_PROVIDER,
    connection: 'webhook',
  };
}
