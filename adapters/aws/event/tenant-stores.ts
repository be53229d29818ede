/** What the endpoint and operators both reach of one tenant, each store through the tenant's own session. */
import { createConnectLinkWriter } from '../connect/link-store.ts';
import { createAnnouncedConnections } from './announced-connections.ts';
import { createUsageStore } from '../meter/usage-store.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';

export function tenantStores(deps: TenantStoreDeps) {
  return {
    connections: createAnnouncedConnections(deps),
    links: createConnectLinkWriter(deps),
    usage: createUsageStore(deps),
  };
}
