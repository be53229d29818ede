/** Settings of clients and organizations: defaults, single fields, and two changes at the same time. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSettingsReader, createSettingsStore } from '../../../../adapters/aws/tenant/settings-store.ts';
import { ClientSettings } from '../../../../core/tenant/settings.ts';
import type { SettingsStore } from '../../../../core/tenant/settings-admin.ts';
import { startDynamoDb, type TestDynamoDb } from '../../../fakes/dynamodb.ts';
import { fakeKms } from '../../../fakes/kms.ts';

let db: TestDynamoDb;
let store: SettingsStore;
const scopes: unknown[] = [];
beforeAll(async () => {
  db = await startDynamoDb();
  store = createSettingsStore({ dynamodb: db.client, table: db.tenantsTable });
});
afterAll(() => db.stop());

const find = (owner: { client: string; org?: string }) =>
  createSettingsReader({
    sessions: async (scope) => {
      scopes.push(scope);
      return { dynamodb: db.client, kms: fakeKms() };
    },
    table: db.tenantsTable,
  }).find(owner);

const LOGO = `data:image/png;base64,${'A'.repeat(60_000)}`;

describe('settings', () => {
  it('that nobody has set are all defaults', async () => {
    const defaults = ClientSettings.parse({});
    expect(await find({ client: 'fresh', org: 'o' })).toStrictEqual({ client: defaults, org: { brand: {} } });
    expect(await store.ofClient('fresh')).toStrictEqual(defaults);
    expect(await store.orgs('fresh')).toStrictEqual([]);
  });

  it('of an organization and of its client are kept apart, and read with the session of both', async () => {
    await store.changeClient('acme', { brand: { name: 'Acme' }, return_urls: ['https://app.example.com/done'] });
    await store.changeOrg('acme', 'ä#1', { brand: { name: 'One', logo_url: LOGO } });
    expect(await find({ client: 'acme', org: 'ä#1' })).toMatchObject({
      client: { brand: { name: 'Acme' }, return_urls: ['https://app.example.com/done'] },
      org: { brand: { name: 'One', logo_url: LOGO } },
    });
    expect((await find({ client: 'acme' })).org).toStrictEqual({ brand: {} });
    expect(scopes.slice(-2)).toStrictEqual([
      { client: 'acme', org: '=C3=A4=231' },
      { client: 'acme', org: '=' },
    ]);
    // A look that is laid over another one must not hide what it does not set.
    expect((await find({ client: 'acme', org: 'other' })).org).toStrictEqual({ brand: {} });
    expect(await store.orgs('acme')).toStrictEqual([{ org: 'ä#1', brand: { name: 'One' } }]);
  });

  it('change field by field, and null takes one back', async () => {
    await store.changeClient('fields', { brand: { name: 'A', color: '#fff' }, org_app: 'refuse' });
    const changed = await store.changeClient('fields', { brand: { color: null } });
    expect(changed).toMatchObject({ brand: { name: 'A' }, org_app: 'refuse' });
    expect(changed.brand).toStrictEqual({ name: 'A' });
    expect(await store.changeClient('fields', {})).toStrictEqual(changed);
    expect(await store.changeClient('fields', { brand: { name: null } })).toMatchObject({ brand: {} });
  });

  it('keep every field that several operators change at the same time', async () => {
    await Promise.all([
      store.changeClient('busy', { brand: { name: 'Busy' } }),
      store.changeClient('busy', { brand: { color: '#123456' } }),
      store.changeClient('busy', { return_urls: ['https://a.example.com/'] }),
      store.changeClient('busy', { embedding_origins: ['https://b.example.com'] }),
      store.changeClient('busy', { org_app: 'refuse' }),
    ]);
    expect(await store.ofClient('busy')).toStrictEqual({
      brand: { name: 'Busy', color: '#123456' },
      return_urls: ['https://a.example.com/'],
      embedding_origins: ['https://b.example.com'],
      org_app: 'refuse',
    });
  });
});
