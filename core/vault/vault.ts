/** The vault: the only way a credential is stored, and the only way one comes out. */
import { LRUCache } from 'lru-cache';
import type { Connection } from './connection.ts';
import { encryptionContext, openEnvelope, sealEnvelope, type DataKeys, type Envelope } from './envelope.ts';
import { Secret } from './secret.ts';
import type { TenantId } from '../tenant/tenant.ts';
import type { Clock } from '../time.ts';

/** The fields of a credential as the provider's auth block names them, e.g. `{ api_key: … }`. */
export type Credential = Readonly<Record<string, string>>;

export interface Vault {
  seal(tenant: TenantId, provider: string, connection: string, credential: Credential): Promise<Envelope>;
  /** Gets the data key now and seals later, once, without needing anyone: for what must not be lost in between. */
  sealer(tenant: TenantId, provider: string, connection: string): Promise<(credential: Credential) => Envelope>;
  open(tenant: TenantId, connection: Connection): Promise<Secret<Credential>>;
  /** Drops cached plain text of a connection. */
  forget(tenant: TenantId, provider: string, connection: string): void;
}

/** How long plain text may stay in memory. */
export const PLAINTEXT_TTL_MS = 60_000;
const MAX_CACHED = 500;

/**
 * Cached plain text is used only for the version it was opened from: the row is read on every call, so a removed or
 * replaced credential is never used again, whatever the cache holds.
 */
export function createVault(dataKeys: DataKeys, clock: Clock): Vault {
  const cache = new LRUCache<string, { readonly version: string; readonly secret: Secret<Credential> }>({
    max: MAX_CACHED,
    ttl: PLAINTEXT_TTL_MS,
    ttlResolution: 0,
    // Gone from memory when its time is up, not only unused.
    ttlAutopurge: true,
    perf: { now: clock },
  });
  const slot = (tenant: TenantId, provider: string, name: string): string => `${tenant}|${provider}|${name}`;

  const sealer: Vault['sealer'] = async (tenant, provider, connection) => {
    const context = encryptionContext(tenant, provider, connection);
    const dataKey = await dataKeys.generate(tenant, context);
    // The key is wiped by its use: a second one would be encrypted under zeros.
    let isUsed = false;
    return (credential) => {
      if (isUsed) throw new TypeError('a data key seals one credential');
      isUsed = true;
      return sealEnvelope(dataKey, context, JSON.stringify(credential));
    };
  };

  return {
    sealer,
    async seal(tenant, provider, connection, credential) {
      return (await sealer(tenant, provider, connection))(credential);
    },
    async open(tenant, connection) {
      // A frozen environment runs no timers; what expired meanwhile goes before anything else happens.
      cache.purgeStale();
      const key = slot(tenant, connection.provider, connection.name);
      const cached = cache.get(key);
      if (cached?.version === connection.version) return cached.secret;
      const context = encryptionContext(tenant, connection.provider, connection.name);
      const dataKey = await dataKeys.decrypt(tenant, context, connection.envelope.edk);
      const secret = new Secret(JSON.parse(openEnvelope(dataKey, context, connection.envelope)) as Credential);
      cache.set(key, { version: connection.version, secret });
      return secret;
    },
    forget(tenant, provider, connection) {
      cache.delete(slot(tenant, provider, connection));
    },
  };
}
