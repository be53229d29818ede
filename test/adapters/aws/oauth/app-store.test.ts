/** OAuth apps and settings on the real adapters: what is sealed, whose app is found, and what a change leaves alone. */
import { ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createOAuthApps, createOAuthAppStore } from '../../../../adapters/aws/oauth/app-store.ts';
import { primaryKey } from '../../../../adapters/aws/rows.ts';
import { itemKeys } from '../../../../adapters/aws/schema.ts';
import type { AppScope, AppSessions } from '../../../../adapters/aws/tenant-session.ts';
import { appContext, type AppOwner } from '../../../../core/vault/app-owner.ts';
import { findApp } from '../../../../core/oauth/app.ts';
import { Secret } from '../../../../core/vault/secret.ts';
import { idProblem, tenantId, tenantTags } from '../../../../core/tenant/tenant.ts';
import { startDynamoDb, type TestDynamoDb } from '../../../fakes/dynamodb.ts';
import { fakeKms } from '../../../fakes/kms.ts';

const SECRET = 'canary-client-secret';
const AT = '2026-11-22T10:00:00.000Z';
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1';

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

const kms = fakeKms();
let asked: AppScope[];
beforeEach(() => {
  asked = [];
});
const sessions: AppSessions = async (scope) => {
  asked.push(scope);
  return { dynamodb: db.client, kms };
};
const admin = () => createOAuthAppStore({ dynamodb: db.client, kms, table: db.tenantsTable, keyArn: KEY });
const reader = () => createOAuthApps({ sessions, table: db.tenantsTable, keyArn: KEY });
const put = (owner: AppOwner, clientId: string, secret?: string, provider = 'p') =>
  admin().put({ owner, provider, clientId, createdAt: AT }, secret === undefined ? undefined : new Secret(secret));

const ann = tenantId({ client: 'acme', org: 'jsm', user: 'ann' });

describe('an OAuth app', () => {
  it('is stored with its secret sealed, and lists without it', async () => {
    expect(await put({ client: 'sealed', org: 'jsm' }, 'id-1', SECRET)).toBeUndefined();
    const rows = (await db.client.send(new ScanCommand({ TableName: db.tenantsTable }))).Items ?? [];
    const stored = JSON.stringify(rows, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    expect(stored).toContain('id-1');
    expect(stored).not.toContain(SECRET);
    const listed = await admin().list('sealed');
    expect(listed).toEqual([
      { owner: { client: 'sealed', org: 'jsm' }, provider: 'p', clientId: 'id-1', createdAt: AT, hasSecret: true },
    ]);
    expect(kms.calls.at(-1)).toEqual({
      operation: 'GenerateDataKey',
      context: { ...appContext({ client: 'sealed', org: 'jsm' }, 'p') },
    });
  });

  it('is found on each level that the tenant has, most specific first, and nowhere else', async () => {
    await put({}, 'platform', 's0');
    await put({ client: 'acme' }, 'client', 's1');
    await put({ client: 'acme', org: 'jsm' }, 'org', 's2');
    await put({ client: 'acme', org: 'other' }, 'other', 's3');
    await put({ client: 'rival' }, 'rival', 's4');
    await put({ client: 'acme', org: 'jsm' }, 'q', 's5', 'another_provider');
    const apps = reader();
    expect((await apps.list(ann, 'p')).map(({ level, clientId }) => [level, clientId])).toEqual([
      ['org', 'org'],
      ['client', 'client'],
      ['platform', 'platform'],
    ]);
    expect((await apps.list(tenantId({ client: 'acme', user: 'ann' }), 'p')).map((app) => app.level)).toEqual([
      'client',
      'platform',
    ]);
    expect(
      (await apps.list(tenantId({ client: 'new', org: 'jsm', user: 'ann' }), 'p')).map((app) => app.level),
    ).toEqual(['platform']);
    expect((await findApp(apps, ann, 'p', 'refuse'))?.clientId).toBe('org');
    expect(new Set(asked.map(({ client, org }) => `${client} ${org}`))).toEqual(
      new Set(['acme jsm', 'acme =', 'new jsm']),
    );
  });

  it('gives its secret back to the functions that exchange codes, from each level', async () => {
    const apps = reader();
    for (const app of await apps.list(ann, 'p'))
      expect((await apps.secret(ann, app))?.reveal()).toBe({ org: 's2', client: 's1', platform: 's0' }[app.level]);
  });

  it('that is public has no secret to give', async () => {
    await put({ client: 'public' }, 'open');
    const tenant = tenantId({ client: 'public' });
    const [app] = await reader().list(tenant, 'p');
    expect(app && (await reader().secret(tenant, app))).toBeUndefined();
    expect(await admin().find({ client: 'public' }, 'p')).toMatchObject({ clientId: 'open', hasSecret: false });
  });

  it('does not lend its secret to the app it has replaced', async () => {
    await put({ client: 'swap' }, 'old', 'old-secret');
    const tenant = tenantId({ client: 'swap' });
    const [old] = await reader().list(tenant, 'p');
    expect(await put({ client: 'swap' }, 'new', 'new-secret')).toMatchObject({ clientId: 'old' });
    if (old === undefined) throw new Error('not listed');
    await expect(reader().secret(tenant, old)).rejects.toThrow('replaced');
    expect((await admin().remove({ client: 'swap' }, 'p'))?.clientId).toBe('new');
    await expect(reader().secret(tenant, old)).rejects.toThrow('removed');
    expect(await admin().remove({ client: 'swap' }, 'p')).toBeUndefined();
  });

  it('whose envelope is moved to another row does not open', async () => {
    await put({ client: 'from' }, 'same', SECRET);
    await put({ client: 'to' }, 'same', 'other');
    const rows = (await db.client.send(new ScanCommand({ TableName: db.tenantsTable }))).Items ?? [];
    const from = rows.find(({ pk }) => pk?.S === 'A#from');
    const parts = ['edk', 'iv', 'ct', 'tag'];
    await db.client.send(
      new UpdateItemCommand({
        TableName: db.tenantsTable,
        Key: primaryKey(itemKeys.app.oauthApp({ client: 'to' }, 'p')),
        UpdateExpression: `SET ${parts.map((part) => `${part} = :${part}`).join(', ')}`,
        ExpressionAttributeValues: Object.fromEntries(parts.map((part) => [`:${part}`, from?.[part] ?? { S: '' }])),
      }),
    );
    const tenant = tenantId({ client: 'to' });
    const [app] = await reader().list(tenant, 'p');
    if (app === undefined) throw new Error('not listed');
    await expect(reader().secret(tenant, app)).rejects.toThrow();
  });

  it('of any ids, hashed ones too, is the one its tenants find', async () => {
    const id = fc
      .oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.string({ minLength: 150, maxLength: 190, unit: 'binary' }))
      .filter((text) => idProblem(text) === undefined);
    await fc.assert(
      fc.asyncProperty(id, id, id, async (client, org, user) => {
        await put({ client, org }, 'mine', SECRET, 'any');
        const tenant = tenantId({ client, org, user });
        const [app] = await reader().list(tenant, 'any');
        expect(app).toEqual({ level: 'org', provider: 'any', clientId: 'mine' });
        expect(app && (await reader().secret(tenant, app))?.reveal()).toBe(SECRET);
        expect((await admin().list(client)).map(({ owner }) => owner)).toContainEqual({ client, org });
        expect(asked.at(-1)).toMatchObject({ client: tenantTags(tenant).client, org: tenantTags(tenant).org });
      }),
      { numRuns: 15 },
    );
  });
});
