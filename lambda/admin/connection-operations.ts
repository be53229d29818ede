/**
 * What the endpoints about one tenant do: connect links, connections, usage. They act with a session of that tenant
 * which can store and delete and opens no credential.
 */
import type { AdminFault } from '../../core/tenant/admin-fault.ts';
import { isAllowedReturn } from '../../core/tenant/settings.ts';
import { DEFAULT_CONNECTION } from '../../core/vault/connection.ts';
import { toConnectionsJson } from '../../core/connect/connections-json.ts';
import { appFor } from '../../core/oauth/app-admin.ts';
import type { Provider } from '../../core/provider/provider.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { tenantId, tenantLevel, type TenantId, type TenantParts } from '../../core/tenant/tenant.ts';
import { issueConnectLink } from '../../core/connect/link.ts';
import type { CONNECTION_ENDPOINTS } from './contract-connections.ts';
import { findShippedProvider } from './find-provider.ts';
import { ownClient, type AdminDeps, type Operations, type AdminContext } from './operation.ts';
import { toProviderJson, toUsageJson } from './wire.ts';

/** Ids as they were sent, and what the tenant's level leaves of them. */
interface Whose {
  readonly tenant: TenantId;
  readonly parts: TenantParts;
}

export function connectionOperations(deps: AdminDeps): Operations<keyof typeof CONNECTION_ENDPOINTS> {
  const { apps, clients, connections, providers, settings, links, usage, clock } = deps;

  async function whose(sent: TenantParts, { operator }: AdminContext): Promise<Result<Whose, AdminFault>> {
    const found = await ownClient(clients, operator, sent.client);
    if (!found.ok) return found;
    const parts = tenantLevel(sent);
    return ok({ tenant: tenantId(parts), parts });
  }

  /** Why a link would lead the person to a page that cannot help, or undefined. */
  async function deadEnd(provider: Provider, { client, org }: TenantParts): Promise<AdminFault | undefined> {
    if (provider.auth.some(({ kind }) => kind !== 'oauth2')) return undefined;
    const { org_app: policy } = await settings.ofClient(client);
    if ((await appFor(apps, { client, org }, provider.key, policy)) !== undefined) return undefined;
    const own = org !== undefined && policy === 'refuse';
    return {
      code: 'conflict',
      message: `${provider.name} is connected by OAuth only, and ${
        own
          ? 'this organization needs an app of its own: its client lets organizations use no other (org_app: refuse).'
          : 'no app is stored that this client could use.'
      }`,
      next: `Register an app at the vendor and store it with PUT /admin/v1/oauth-apps${
        own ? ', with client and org' : ''
      }, then ask for the link again.`,
    };
  }

  return {
    async createConnectLink({ body }, context) {
      const found = await whose(body, context);
      if (!found.ok) return found;
      const { tenant, parts } = found.value;
      const provider = await findShippedProvider(providers, body.provider);
      if (!provider.ok) return provider;
      const { return_url: returnUrl, connection = DEFAULT_CONNECTION } = body;
      if (returnUrl !== undefined && !isAllowedReturn(await settings.ofClient(parts.client), returnUrl))
        return fail(notAllowed());
      const dead = await deadEnd(provider.value, parts);
      if (dead !== undefined) return fail(dead);
      const request = { ...parts, tenant, provider: provider.value.key, connection, returnUrl };
      const { url, code, expiresAt } = await issueConnectLink({ links, clock }, request, context.publicUrl);
      return ok({ url, code, expires_at: new Date(expiresAt).toISOString() });
    },

    async listConnections({ query }, context) {
      const found = await whose(query, context);
      if (!found.ok) return found;
      const { tenant } = found.value;
      const [rows, used] = await Promise.all([connections.list(tenant), usage.read(tenant)]);
      return ok({ connections: toConnectionsJson(rows, used) });
    },

    async removeConnection({ query }, context) {
      const found = await whose(query, context);
      if (!found.ok) return found;
      const { tenant } = found.value;
      const names = (await connections.list(tenant, query.provider)).map(({ name }) => name);
      const [only, ...more] = names;
      if (query.connection === undefined && more.length > 0) return fail(several(names));
      const name = query.connection ?? only;
      if (name === undefined || !names.includes(name) || !(await connections.remove(tenant, query.provider, name)))
        return fail(notConnected());
      const status = 'disconnected';
      return ok({ status, provider_key: query.provider, connection: name, revoked_at_provider: false });
    },

    async showUsage({ query }, context) {
      const found = await whose(query, context);
      if (!found.ok) return found;
      const rows = await usage.read(found.value.tenant, query.month);
      return ok({ usage: rows.map(toUsageJson).toSorted((a, b) => (a.month < b.month ? 1 : -1)) });
    },

    async listProviders() {
      const loaded = await Promise.all(providers.keys.map((key) => providers.load(key)));
      return ok({ providers: loaded.map(toProviderJson) });
    },
  };
}

function notAllowed(): AdminFault {
  return {
    code: 'invalid_input',
    message: "This return_url is not among the client's return addresses.",
    next: 'Add it to return_urls with PATCH /admin/v1/clients/{id}/settings, or leave return_url out.',
  };
}

function several(names: readonly string[]): AdminFault {
  return {
    code: 'conflict',
    message: 'Several accounts of this provider are connected.',
    next: `Name one as connection: ${names.join(', ')}.`,
  };
}

function notConnected(): AdminFault {
  return {
    code: 'not_found',
    message: 'No account of this provider is connected under that name.',
    next: 'List them with GET /admin/v1/connections.',
  };
}
