/** Pending consents and OAuth apps in memory: the contract of the ports, no AWS. */
import type { OAuthApps } from '../../core/oauth/app.ts';
import { APP_LEVELS, type AppLevel } from '../../core/vault/app-owner.ts';
import type { PendingGrant, PendingGrants } from '../../core/consent/pending.ts';
import { Secret } from '../../core/vault/secret.ts';
import { tenantTags } from '../../core/tenant/tenant.ts';

export function fakeGrants(): PendingGrants & { readonly rows: Map<string, PendingGrant> } {
  const rows = new Map<string, PendingGrant>();
  return {
    rows,
    async put(grant) {
      rows.set(grant.hash, grant);
    },
    async take(hash) {
      const found = rows.get(hash);
      rows.delete(hash);
      return found;
    },
  };
}

export interface AppRow {
  readonly level: AppLevel;
  /** Encoded, as in the tenant's tags; unused above the level. */
  readonly client?: string;
  readonly org?: string;
  readonly provider: string;
  readonly clientId: string;
  readonly secret?: string;
}

export function fakeApps(rows: AppRow[]): OAuthApps & { readonly rows: AppRow[]; readonly opened: string[] } {
  const opened: string[] = [];
  return {
    rows,
    opened,
    async list(tenant, provider) {
      const { client, org } = tenantTags(tenant);
      const mine = rows.filter(
        (row) =>
          row.provider === provider &&
          (row.level === 'platform' || row.client === client) &&
          (row.level !== 'org' || row.org === org),
      );
      return APP_LEVELS.flatMap((level) => mine.filter((row) => row.level === level)).map(({ level, clientId }) => ({
        level,
        provider,
        clientId,
      }));
    },
    async secret(_tenant, app) {
      opened.push(app.clientId);
      const secret = rows.find(({ clientId }) => clientId === app.clientId)?.secret;
      return secret === undefined ? undefined : new Secret(secret);
    },
  };
}
