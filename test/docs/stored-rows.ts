/** Writes one row of every kind with every attribute it can have, through the real stores, at one instant. */
import { SILENT } from '../fakes/log.ts';
import { KMSClient } from '@aws-sdk/client-kms';
import { createIssueStore } from '../../adapters/aws/tenant/issue-store.ts';
import { createClientStore } from '../../adapters/aws/tenant/client-store.ts';
import { notingUsers } from '../../adapters/aws/tenant/user-directory.ts';
import { createConnectionStore } from '../../adapters/aws/vault/connection-store.ts';
import { createKeptResults } from '../../adapters/aws/call/kept-results.ts';
import { createConsentNotes } from '../../adapters/aws/consent/note-store.ts';
import { createGrantStore } from '../../adapters/aws/consent/pending-store.ts';
import { createKeyAdminStore } from '../../adapters/aws/keys/key-admin-store.ts';
import { createKeyLimiter } from '../../adapters/aws/meter/key-limiter.ts';
import { createOAuthAppStore } from '../../adapters/aws/oauth/app-store.ts';
import { createOutbox } from '../../adapters/aws/event/outbox.ts';
import { createRateLimiter } from '../../adapters/aws/meter/rate-limiter.ts';
import { createSettingsStore } from '../../adapters/aws/tenant/settings-store.ts';
import { createTenantKeyWriter } from '../../adapters/aws/keys/tenant-key-writer.ts';
import type { TenantSessions } from '../../adapters/aws/tenant-session.ts';
import { createConnectLinkWriter } from '../../adapters/aws/connect/link-store.ts';
import { createUsageStore } from '../../adapters/aws/meter/usage-store.ts';
import { createWebhookStore } from '../../adapters/aws/event/webhook-store.ts';
import { pingEvent } from '../../core/event/connection-event.ts';
import type { Connection } from '../../core/vault/connection.ts';
import { createKeyAdmin } from '../../core/keys/key-admin.ts';
import { issueTenantKey, TENANT_KEY_LIFE } from '../../core/keys/tenant-key.ts';
import { Secret } from '../../core/vault/secret.ts';
import type { TestDynamoDb } from '../fakes/dynamodb.ts';
import { issueId } from '../../core/tenant/issue.ts';
import { fakeKms } from '../fakes/kms.ts';
import { fakeDataKeys } from '../fakes/stores.ts';
import { principalOf } from '../fakes/principal.ts';

/** A whole second, so that a `ttl` is a whole number of seconds later. */
export const NOW = Date.parse('2026-11-22T10:00:00.000Z');

export async function writeEveryRow(db: TestDynamoDb): Promise<void> {
  const clock = (): number => NOW;
  const kms = new KMSClient({ region: 'us-east-1' });
  const sessions: TenantSessions = async () => ({ dynamodb: db.client, kms });
  const principal = principalOf({ org: 'jsm', user: 'ann' }, { limits: { rpm: 10, monthly: 100 } });
  const { tenant } = principal;

  const bytes = Buffer.from('x');
  const store = { sessions, table: db.tenantsTable };
  const connections = notingUsers(createConnectionStore(store), store);
  const connection: Connection = {
    provider: 'bitrix24',
    name: 'default',
    auth: 'webhook',
    accountName: 'Ann',
    facts: { portal: 'acme.bitrix24.com' },
    status: 'active',
    connectedAt: new Date(NOW).toISOString(),
    version: 'v1',
    envelope: { v: 1, edk: bytes, iv: bytes, ct: bytes, tag: bytes },
  };
  await connections.put(tenant, connection);
  await connections.lease(tenant, connection, { holder: 'h', now: NOW, until: NOW + 20_000 });
  await connections.countTimeout(tenant, connection, 1, NOW + 30_000);

  const kept = { sessions, dataKeys: fakeDataKeys(), table: db.tenantsTable, clock, newId: () => 'result-1' };
  await createKeptResults(kept).keep(tenant, 'a long result');

  const usage = createUsageStore({ sessions, table: db.tenantsTable, clock });
  await usage.count(tenant, 'bitrix24', 'default', true);
  await usage.noteFailure(tenant, {
    reference: 'r1',
    tool: 'bitrix24_x',
    provider: 'bitrix24',
    code: 'internal',
    at: '2026-11-22T10:00:00Z',
    keyId: 'k_1',
    tenantKeyId: 'tk_1',
    org: 'jsm',
    user: 'ann',
    cause: { host: 'acme.bitrix24.com', status: 503, vendorCode: 'DOWN', broke: 'timeout' },
  });
  await usage.report(principal, { id: issueId(NOW, 'r'), at: NOW, summary: 's', description: 'd', references: ['r1'] });

  const meter = createKeyLimiter({ sessions, table: db.tenantsTable, clock, log: SILENT });
  await meter.request(principal);
  await meter.reserve({ ...principal, tenantKeyId: 'tk_1' }, 1);
  const pace = { capacity: 1, perSecond: 2 };
  const limiter = createRateLimiter({ sessions, table: db.tenantsTable, clock });
  for (let i = 0; i < 2; i += 1) await limiter.take(tenant, 'bitrix24#acme.bitrix24.com', pace);

  const hash = 'a'.repeat(64);
  const who = { tenant, client: 'acme', org: 'jsm', user: 'ann' };
  const about = { hash, provider: 'bitrix24', connection: 'default', returnUrl: 'https://app.example.com/done' };
  const pending = { ...who, ...about, expiresAt: NOW + 600_000 };
  await createConnectLinkWriter({ sessions, table: db.tenantsTable }).put({ ...pending, codeHash: hash, tries: 0 });
  const note = { provider: 'bitrix24', connection: 'default', linkHash: hash, state: 'consent_denied' } as const;
  await createConsentNotes({ sessions, table: db.tenantsTable, clock }).put(tenant, note);
  await createGrantStore({ dynamodb: db.client, table: db.tenantsTable, clock }).put({
    ...pending,
    auth: 'oauth',
    clientId: 'app',
    redirectUri: 'https://mcp.example.com/oauth/callback',
    browserHash: hash,
    facts: { portal: 'acme.bitrix24.com' },
    scopes: ['crm'],
    linkHash: hash,
  });

  const owner = { client: 'acme', org: 'jsm' };
  const apps = createOAuthAppStore({ dynamodb: db.client, kms: fakeKms(), table: db.tenantsTable, keyArn: 'key' });
  const app = { owner, provider: 'bitrix24', clientId: 'local.1', createdAt: new Date(NOW).toISOString() };
  await apps.put(app, new Secret('s'));
  const settings = createSettingsStore({ dynamodb: db.client, table: db.tenantsTable });
  const brand = { name: 'n', logo_url: 'data:image/png;base64,', color: '#fff' };
  await settings.changeOrg('acme', 'jsm', { brand });
  await settings.changeClient('acme', { return_urls: [], embedding_origins: [], org_app: 'refuse' });

  const at = new Date(NOW).toISOString();
  const webhooks = createWebhookStore({ dynamodb: db.client, kms: fakeKms(), table: db.tenantsTable, keyArn: 'key' });
  const webhook = { url: 'https://hooks.example.com/allmcp', since: at, changedAt: at };
  for (const secret of ['whsec_b2xk', 'whsec_bmV3']) await webhooks.put('acme', webhook, new Secret(secret), NOW);
  await createOutbox({ sessions, table: db.tenantsTable }).put(tenant, pingEvent('acme', 'evt_1', at), NOW);

  const issues = createIssueStore({ dynamodb: db.client, table: db.tenantsTable, clock });
  await issues.change('acme', issueId(NOW, 'r'), { status: 'closed', note: 'n' });
  const clients = createClientStore({ dynamodb: db.client, table: db.tenantsTable });
  const keys = createKeyAdmin({
    keys: createKeyAdminStore({ dynamodb: db.client, clock, tables: { keys: db.keysTable, tenants: db.tenantsTable } }),
    clients,
    clock,
  });
  const named = { name: 'n', lifetime: 3_600 };
  const limits = { rpm: 1, monthly: 1 };
  await keys.createKey({
    ...named,
    clientId: 'acme',
    type: 'platform',
    orgs: ['jsm'],
    requireUser: true,
    limits,
    confirm: 'outward',
  });
  const issuer = { kind: 'issuer', keyId: 'k_1', keyHash: 'h', clientId: 'acme', org: 'jsm', user: 'ann' } as const;
  await issueTenantKey(
    { keys: createTenantKeyWriter({ dynamodb: db.client, table: db.keysTable }), clock },
    issuer,
    TENANT_KEY_LIFE.max,
  );
  await keys.createOperator({ ...named, scope: 'all' });
  await keys.createOperator({ ...named, scope: { clientId: 'acme' } });
}
