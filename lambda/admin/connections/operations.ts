/**
 * What the endpoints about one tenant do: connect links, connections, usage. They act with a session of that tenant
 * which can store and delete and opens no credential.
 */
import type { AdminFault } from '../../../core/tenant/admin-fault.ts';
import { DEFAULT_CONNECTION } from '../../../core/vault/connection.ts';
import { connectionsOf } from '../../../core/connect/connections-json.ts';
import { disconnectUntold } from '../../../core/connect/disconnect.ts';
import {
  missingAppMessage,
  requestLink,
  toConnectLinkJson,
  type MissingApp,
  type RequestLinkDeps,
} from '../../../core/connect/issue-link.ts';
import { appsAbove } from '../../../core/oauth/app-admin.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { tenantId, tenantLevel, tenantParts, type TenantId, type TenantParts } from '../../../core/tenant/tenant.ts';
import { cutPage } from '../../../core/page.ts';
import { pageReply, plainPage } from '../resource/paging.ts';
import type { CONNECTION_ENDPOINTS } from './contract.ts';
import { findShippedProvider } from '../resource/find-provider.ts';
import { ownClient, type AdminDeps, type Operations, type AdminContext } from '../resource/operation.ts';
import { toProviderJson, toUsageJson } from './json.ts';

/** Ids as they were sent, and what the tenant's level leaves of them. */
interface Whose {
  readonly tenant: TenantId;
  readonly parts: TenantParts;
}

export function connectionOperations(deps: AdminDeps): Operations<typeof CONNECTION_ENDPOINTS> {
  const { apps, clients, providers, settings, links, usage, clock } = deps;

  async function whose(sent: TenantParts, { operator }: AdminContext): Promise<Result<Whose, AdminFault>> {
    const found = await ownClient(clients, operator, sent.client);
    if (!found.ok) return found;
    const parts = tenantLevel(sent);
    return ok({ tenant: tenantId(parts), parts });
  }

  const linkDeps: RequestLinkDeps = {
    links,
    clock,
    settings: { find: async ({ client }) => ({ client: await settings.ofClient(client) }) },
    oauthApps: {
      async list(tenant, provider) {
        const { client, org } = tenantParts(tenant);
        return appsAbove(apps, { client, org }, provider);
      },
    },
  };

  return {
    async createConnectLink({ body }, context) {
      const found = await whose(body, context);
      if (!found.ok) return found;
      const { tenant, parts } = found.value;
      const provider = await findShippedProvider(providers, body.provider);
      if (!provider.ok) return provider;
      const { return_url: returnUrl, connection = DEFAULT_CONNECTION } = body;
      const request = { ...parts, tenant, provider: provider.value, connection, returnUrl };
      const requested = await requestLink(linkDeps, request, context.publicUrl);
      switch (requested.kind) {
        case 'issued':
          return ok(toConnectLinkJson(requested.link));
        case 'return_refused':
          return fail(notAllowed());
        case 'no_app':
          return fail(withoutApp(provider.value.name, requested.missing));
      }
    },

    async listConnections({ query }, context) {
      const found = await whose(query, context);
      if (!found.ok) return found;
      const all = await connectionsOf(deps, found.value.tenant);
      const positionOf = (row: (typeof all)[number]): string =>
        [row.connected_at, row.provider_key, row.connection].join('#');
      return pageReply('connections', query, (start) => plainPage(start, async (ask) => cutPage(all, positionOf, ask)));
    },

    async removeConnection({ query: { provider, connection, ...sent } }, context) {
      const found = await whose(sent, context);
      if (!found.ok) return found;
      const removed = await disconnectUntold(deps, { tenant: found.value.tenant, provider, connection });
      switch (removed.kind) {
        case 'none':
          return fail(notConnected());
        case 'several':
          return fail(several(removed.names));
        case 'done': {
          const status = 'disconnected';
          return ok({ status, provider_key: provider, connection: removed.connection, revoked_at_provider: false });
        }
      }
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

function withoutApp(name: string, missing: MissingApp): AdminFault {
  return {
    code: 'conflict',
    message: missingAppMessage(name, missing),
    next: `Register an app at the vendor and store it with \`npm run -s allmcp -- oauth-apps set\`${
      missing.own ? ', with --client and --org' : ''
    }, then ask for the link again.`,
  };
}

function notAllowed(): AdminFault {
  return {
    code: 'invalid_input',
    message: "This return_url is not among the client's return addresses.",
    next: 'Set its return_urls with `npm run -s allmcp -- clients settings --return-url`, or leave return_url out.',
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
    next: 'List them with `npm run -s allmcp -- connections list`.',
  };
}
