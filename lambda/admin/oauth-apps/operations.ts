/** What the endpoints about OAuth apps do. The platform's apps are for operators of every client. */
import type { AdminFault } from '../../../core/tenant/admin-fault.ts';
import type { AppOwner } from '../../../core/vault/app-owner.ts';
import { redirectUriOf } from '../../../core/oauth/app.ts';
import { appFor, checkApp, lostSecret, secretFault } from '../../../core/oauth/app-admin.ts';
import { cutPage } from '../../../core/page.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { Secret } from '../../../core/vault/secret.ts';
import type { APP_ENDPOINTS } from './contract.ts';
import { findConsent } from '../resource/find-provider.ts';
import {
  mapped,
  pageOfCovered,
  mayManagePlatform,
  ownClient,
  type AdminDeps,
  type Operations,
  type AdminContext,
} from '../resource/operation.ts';
import { toAppJson } from './json.ts';

/** No id of a client: those have a character. */
const THE_PLATFORM = '';
/** Encoded ids never begin with it. */
const PLATFORM_POSITION = '!';

export function appOperations({
  apps,
  clients,
  settings,
  providers,
  clock,
}: AdminDeps): Operations<typeof APP_ENDPOINTS> {
  /** Whose app is meant, when this operator may manage it. */
  async function owned({ client, org }: AppOwner, { operator }: AdminContext): Promise<Result<AppOwner, AdminFault>> {
    if (client === undefined) return mayManagePlatform(operator) ?? ok({});
    const found = await ownClient(clients, operator, client);
    return found.ok ? ok({ client, org }) : found;
  }

  /** The platform's own apps stand before those of the first client; its place is that of no client's id. */
  const withPlatform: Pick<typeof clients, 'directory'> = {
    async directory({ limit, after }) {
      const isFirst = after === undefined;
      const { rows, next } = await clients.directory({
        limit: isFirst && limit > 1 ? limit - 1 : limit,
        after: after === PLATFORM_POSITION ? undefined : after,
      });
      return { rows: isFirst ? [{ id: THE_PLATFORM, position: PLATFORM_POSITION }, ...rows] : rows, next };
    },
  };

  return {
    async putOAuthApp({ body }, context) {
      const owner = await owned(body, context);
      if (!owner.ok) return owner;
      const found = await findConsent(providers, body.provider);
      if (!found.ok) return found;
      const { client_id: clientId, client_secret: secret, provider } = body;
      const wrong = secretFault(found.value.provider, found.value.auth, secret !== undefined);
      if (wrong !== undefined) return fail(wrong);
      const lost = lostSecret(await apps.find(owner.value, provider), secret !== undefined);
      if (lost !== undefined) return fail(lost);
      const app = { owner: owner.value, provider, clientId, createdAt: new Date(clock()).toISOString() };
      const before = await apps.put(app, secret === undefined ? undefined : new Secret(secret));
      return ok({
        ...toAppJson({ ...app, hasSecret: secret !== undefined }),
        replaces: before === undefined || before.clientId === clientId ? null : before.clientId,
        redirect_uri: redirectUriOf(context.publicUrl),
      });
    },

    async listOAuthApps({ query }, { operator, publicUrl }) {
      const page = await pageOfCovered(
        'oauth_apps',
        { clients: withPlatform, operator, query },
        async (client, ask) => {
          const found = await apps.list(client === THE_PLATFORM ? undefined : client);
          const wanted = found.filter(
            ({ owner, provider }) =>
              (query.org === undefined || owner.org === query.org) &&
              (query.provider === undefined || provider === query.provider),
          );
          const { rows, next } = cutPage(wanted, ({ owner, provider }) => `${owner.org ?? ''}#${provider}`, ask);
          return { rows: rows.map(toAppJson), next };
        },
      );
      return mapped(page, (listed) => ({ ...listed, redirect_uri: redirectUriOf(publicUrl) }));
    },

    async removeOAuthApp({ query }, context) {
      const owner = await owned(query, context);
      if (!owner.ok) return owner;
      const removed = await apps.remove(owner.value, query.provider);
      if (removed === undefined)
        return fail({
          code: 'not_found',
          message: 'No app of that owner is stored for this provider.',
          next: 'List them with `npm run -s allmcp -- oauth-apps list`.',
        });
      return ok({ ...toAppJson(removed), redirect_uri: redirectUriOf(context.publicUrl) });
    },

    async testOAuthApp({ body }, context) {
      const owner = await owned(body, context);
      if (!owner.ok) return owner;
      const found = await findConsent(providers, body.provider);
      if (!found.ok) return found;
      const { client } = owner.value;
      const policy = client === undefined ? 'fall_back' : (await settings.ofClient(client)).org_app;
      const app = await appFor(apps, owner.value, body.provider, policy);
      const redirectUri = redirectUriOf(context.publicUrl);
      const asked = { owner: owner.value, policy, redirectUri };
      const checks = checkApp(found.value.provider, found.value.auth, app, asked);
      return ok({
        ok: checks.every(({ status }) => status !== 'fail'),
        app: app === undefined ? null : toAppJson(app),
        checks: [...checks],
        redirect_uri: redirectUri,
      });
    },
  };
}
