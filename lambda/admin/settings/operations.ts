/** What the endpoints about settings do. An organization is never registered: it has settings, or it has none. */
import { cutPage } from '../../../core/page.ts';
import { ok } from '../../../core/result.ts';
import { pageReply, plainPage } from '../resource/paging.ts';
import type { SETTINGS_ENDPOINTS } from './contract.ts';
import { ownClient, type AdminDeps, type Operations } from '../resource/operation.ts';
import { toBrandJson } from './json.ts';

export function settingsOperations({ clients, settings, apps }: AdminDeps): Operations<typeof SETTINGS_ENDPOINTS> {
  return {
    async getSettings({ params: { id } }, { operator }) {
      const client = await ownClient(clients, operator, id);
      if (!client.ok) return client;
      const { brand, ...rest } = await settings.ofClient(id);
      return ok({ client: id, brand: toBrandJson(brand), ...rest });
    },

    async changeSettings({ params: { id }, body }, { operator }) {
      const client = await ownClient(clients, operator, id);
      if (!client.ok) return client;
      const { brand, ...rest } = await settings.changeClient(id, body);
      return ok({ client: id, brand: toBrandJson(brand), ...rest });
    },

    async listOrgs({ params: { id }, query }, { operator }) {
      const client = await ownClient(clients, operator, id);
      if (!client.ok) return client;
      const [branded, owned] = await Promise.all([settings.orgs(id), apps.list(id)]);
      const brands = new Map(branded.map(({ org, brand }) => [org, brand]));
      const withApps = owned.flatMap(({ owner }) => (owner.org === undefined ? [] : [owner.org]));
      const orgs = [...new Set([...brands.keys(), ...withApps])].map((org) => ({
        org,
        name: brands.get(org)?.name ?? null,
        color: brands.get(org)?.color ?? null,
        oauth_apps: owned.filter(({ owner }) => owner.org === org).map(({ provider }) => provider),
      }));
      return pageReply('orgs', query, (start) => plainPage(start, async (ask) => cutPage(orgs, ({ org }) => org, ask)));
    },

    async getOrg({ params: { id, org } }, { operator }) {
      const client = await ownClient(clients, operator, id);
      if (!client.ok) return client;
      return ok({ client: id, org, brand: toBrandJson((await settings.ofOrg(id, org)).brand) });
    },

    async changeOrg({ params: { id, org }, body }, { operator }) {
      const client = await ownClient(clients, operator, id);
      if (!client.ok) return client;
      return ok({ client: id, org, brand: toBrandJson((await settings.changeOrg(id, org, body)).brand) });
    },
  };
}
