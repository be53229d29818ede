/** Links, consents and notes in a real table: what is used once is used once, whoever asks at the same time. */
import { KMSClient } from '@aws-sdk/client-kms';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toItem } from '../../../../adapters/aws/attributes.ts';
import { createConsentNotes } from '../../../../adapters/aws/consent/note-store.ts';
import { createGrantStore } from '../../../../adapters/aws/consent/pending-store.ts';
import { itemKeys } from '../../../../adapters/aws/schema.ts';
import { createConnectLinkStore, createConnectLinkWriter } from '../../../../adapters/aws/connect/link-store.ts';
import { NOTE_TTL_MS } from '../../../../core/consent/note.ts';
import type { PendingGrant } from '../../../../core/consent/pending.ts';
import { hashSecret } from '../../../../core/vault/random-secret.ts';
import { tenantId } from '../../../../core/tenant/tenant.ts';
import { isRightCode } from '../../../../core/connect/link-code.ts';
import { issueConnectLink, MAX_TRIES, LINK_TTL_MS } from '../../../../core/connect/link.ts';
import { startDynamoDb, type TestDynamoDb } from '../../../fakes/dynamodb.ts';

const NOW = Date.UTC(2026, 10, 22);
let now = NOW;
const clock = (): number => now;
const who = { client: 'acme', org: 'o#1', user: 'ännä/😀' };
const tenant = tenantId(who);
const other = tenantId({ client: 'acme', org: 'o#1', user: 'u2' });

let db: TestDynamoDb;
let stores: ReturnType<typeof createStores>;
function createStores() {
  const kms = new KMSClient({ region: 'us-east-1' });
  const sessions = async () => ({ dynamodb: db.client, kms });
  return {
    writer: createConnectLinkWriter({ sessions, table: db.tenantsTable }),
    links: createConnectLinkStore({ dynamodb: db.client, sessions, table: db.tenantsTable, clock }),
    grants: createGrantStore({ dynamodb: db.client, table: db.tenantsTable, clock }),
    notes: createConsentNotes({ sessions, table: db.tenantsTable, clock }),
  };
}
beforeAll(async () => {
  db = await startDynamoDb();
  stores = createStores();
});
afterAll(() => db.stop());
beforeEach(() => {
  now = NOW;
});

async function issue(more: { readonly returnUrl?: string } = {}) {
  const about = { ...who, tenant, provider: 'kommo', connection: 'work', ...more };
  const issued = await issueConnectLink({ links: stores.writer, clock }, about, 'https://mcp.example.com/v1');
  const secret = issued.url.split('/').at(-1) ?? '';
  return { ...issued, secret };
}
async function found(hash: string) {
  const link = await stores.links.find(hash);
  if (link === undefined) throw new Error('the ticket is not there');
  return link;
}

describe('a link', () => {
  it('is found by the hash of its secret, with all it was made with', async () => {
    const { url, hash, secret, code, expiresAt } = await issue({ returnUrl: 'https://app.example.com/done' });
    expect(url).toMatch(/^https:\/\/mcp\.example\.com\/v1\/connect\/[\w-]{43}$/);
    expect(code).toMatch(/^[A-HJ-NP-Z2-8]{3}-[A-HJ-NP-Z2-8]{3}$/);
    expect(hash).toBe(hashSecret(secret));
    const link = await found(hash);
    const about = { ...who, tenant, provider: 'kommo', connection: 'work', returnUrl: 'https://app.example.com/done' };
    expect(link).toMatchObject({ ...about, hash, expiresAt, tries: 0 });
    expect(isRightCode(link, secret, ` ${code.toLowerCase().replace('-', '')} `)).toBe(true);
    const fullWidth = code.replaceAll(/[A-Z0-9]/g, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0));
    for (const typed of [`"${code}"`, code.replace('-', '\u2013'), code.replace('-', '\u2212'), fullWidth])
      expect([typed, isRightCode(link, secret, typed)]).toEqual([typed, true]);
    expect(isRightCode(link, secret, 'AAA-AAA')).toBe(false);
    expect(await stores.links.find(hashSecret('another'))).toBeUndefined();
  });

  it('is taken by one of many who try at the same time', async () => {
    const link = await found((await issue()).hash);
    const taken = await Promise.all(Array.from({ length: 30 }, () => stores.links.take(link)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await stores.links.find(link.hash)).toBeUndefined();
  });

  it('of sixty codes tried at once counts five, and ends', async () => {
    const link = await found((await issue()).hash);
    const counted = await Promise.all(Array.from({ length: 60 }, () => stores.links.countTry(link)));
    expect(counted.filter((tries) => tries !== undefined).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    expect(await stores.links.find(link.hash)).toBeUndefined();
    expect(await stores.links.take(link)).toBe(false);
    expect(await stores.links.countTry(link)).toBeUndefined();
    expect(await stores.links.find(link.hash)).toBeUndefined();
  });

  it('counts wrong codes one by one, and is still good after four', async () => {
    const { hash } = await issue();
    for (let i = 1; i < MAX_TRIES; i += 1) {
      expect(await stores.links.countTry(await found(hash))).toBe(i);
      expect((await found(hash)).tries).toBe(i);
    }
    await stores.links.giveTryBack(await found(hash));
    expect((await found(hash)).tries).toBe(MAX_TRIES - 2);
    expect(await stores.links.take(await found(hash))).toBe(true);
  });

  it('ends after ten minutes, although its row is still in the table', async () => {
    const link = await found((await issue()).hash);
    now = NOW + LINK_TTL_MS;
    expect(await stores.links.find(link.hash)).toBeUndefined();
    expect(await stores.links.take(link)).toBe(false);
  });

  it('opens nothing when somebody forges whose it is', async () => {
    const { hash } = await issue();
    const forged = toItem({
      ...itemKeys.pending.connectLinkOwner(hash),
      client: 'acme',
      org: 'o#1',
      user: 'u2',
      ttl: 9e9,
    });
    await db.client.send(new PutItemCommand({ TableName: db.tenantsTable, Item: forged }));
    expect(await stores.links.find(hash)).toBeUndefined();
  });
});

const grantOf = (state: string): PendingGrant => ({
  ...who,
  hash: hashSecret(state),
  tenant,
  provider: 'kommo',
  auth: 'oauth',
  connection: 'work',
  clientId: 'app',
  redirectUri: 'https://mcp.example.com/oauth/callback',
  browserHash: hashSecret('browser'),
  facts: { host: 'acme.kommo.com' },
  scopes: ['a', 'b'],
  linkHash: hashSecret('link'),
  returnUrl: undefined,
  expiresAt: NOW + 600_000,
});

describe('a consent that was asked for', () => {
  it('comes back as it was put, to one of many who try at the same time', async () => {
    await stores.grants.put(grantOf('state-1'));
    const taken = await Promise.all(Array.from({ length: 30 }, () => stores.grants.take(hashSecret('state-1'))));
    expect(taken.filter((grant) => grant !== undefined)).toEqual([grantOf('state-1')]);
    expect(await stores.grants.take(hashSecret('state-1'))).toBeUndefined();
  });

  it('is gone after its time, and an unknown one was never there', async () => {
    await stores.grants.put(grantOf('state-2'));
    now = NOW + 600_000;
    expect(await stores.grants.take(hashSecret('state-2'))).toBeUndefined();
    expect(await stores.grants.take(hashSecret('state-3'))).toBeUndefined();
  });

  it('is never replaced by another one of the same state', async () => {
    await stores.grants.put(grantOf('state-4'));
    await expect(stores.grants.put({ ...grantOf('state-4'), tenant: other, user: 'u2' })).rejects.toThrow();
    expect((await stores.grants.take(hashSecret('state-4')))?.user).toBe(who.user);
  });
});

describe('a note about a consent', () => {
  it('is told until the account is connected, or for a quarter of an hour', async () => {
    const { notes } = stores;
    const note = { provider: 'kommo', connection: 'work', state: 'consent_denied', linkHash: hashSecret('t') } as const;
    await notes.put(tenant, { ...note, state: 'begun' });
    await notes.put(tenant, note);
    expect(await notes.find(tenant, 'kommo', 'work')).toEqual(note);
    expect(await notes.find(other, 'kommo', 'work')).toBeUndefined();
    now = NOW + NOTE_TTL_MS + 1_000;
    expect(await notes.find(tenant, 'kommo', 'work')).toBeUndefined();
    now = NOW;
    await notes.clear(tenant, 'kommo', 'work');
    expect(await notes.find(tenant, 'kommo', 'work')).toBeUndefined();
  });
});
