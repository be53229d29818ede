/** Everything the admin API works with: the real adapters over an in-memory DynamoDB, and providers of each kind. */
import type { AdminDeps } from '../../../lambda/admin/resource/operation.ts';
import { createAnnouncedConnections } from '../../../adapters/aws/event/announced-connections.ts';
import { createClientStore } from '../../../adapters/aws/tenant/client-store.ts';
import { createIssueStore } from '../../../adapters/aws/tenant/issue-store.ts';
import { createKeyAdminStore } from '../../../adapters/aws/keys/key-admin-store.ts';
import { createOAuthAppStore } from '../../../adapters/aws/oauth/app-store.ts';
import { createOutbox } from '../../../adapters/aws/event/outbox.ts';
import { createSettingsStore } from '../../../adapters/aws/tenant/settings-store.ts';
import { createConnectLinkWriter } from '../../../adapters/aws/connect/link-store.ts';
import { createFailureReader } from '../../../adapters/aws/meter/failure-store.ts';
import { createUsageStore } from '../../../adapters/aws/meter/usage-store.ts';
import { createWebhookStore } from '../../../adapters/aws/event/webhook-store.ts';
import { createKeyAdmin } from '../../../core/keys/key-admin.ts';
import type { Provider } from '../../../core/provider/provider.ts';
import { provider as bitrix24 } from '../../../providers/bitrix24/provider.ts';
import { provider as googleSheets } from '../../../providers/google_sheets/provider.ts';
import { provider as iiko } from '../../../providers/iiko/provider.ts';
import { provider as kommo } from '../../../providers/kommo/provider.ts';
import type { TestDynamoDb } from '../../fakes/dynamodb.ts';
import type { FakeKms } from '../../fakes/kms.ts';

/** With asked fields and a secret; by consent only; without OAuth; without PKCE. */
const PROVIDERS: Readonly<Record<string, Provider>> = { bitrix24, google_sheets: googleSheets, iiko, kommo };

export function adminDeps(db: TestDynamoDb, kms: FakeKms, clock: () => number): AdminDeps {
  const dynamodb = db.client;
  const table = db.tenantsTable;
  const clients = createClientStore({ dynamodb, table });
  const store = createKeyAdminStore({ dynamodb, clock, tables: { keys: db.keysTable, tenants: table } });
  const sessions = async () => ({ dynamodb, kms });
  return {
    keys: createKeyAdmin({ keys: store, clients, clock }),
    clients,
    issues: createIssueStore({ dynamodb, table, clock }),
    copies: store,
    apps: createOAuthAppStore({ dynamodb, kms, table, keyArn: 'key' }),
    settings: createSettingsStore({ dynamodb, table }),
    links: createConnectLinkWriter({ sessions, table }),
    webhooks: createWebhookStore({ dynamodb, kms, table, keyArn: 'key' }),
    outbox: createOutbox({ sessions, table }),
    connections: createAnnouncedConnections({ sessions, table, clock }),
    failures: createFailureReader({ dynamodb, table, clock }),
    usage: createUsageStore({ sessions, table, clock }),
    providers: {
      keys: Object.keys(PROVIDERS),
      async load(key) {
        const provider = PROVIDERS[key];
        if (provider === undefined) throw new RangeError(`no provider ${key}`);
        return provider;
      },
    },
    clock,
  };
}
