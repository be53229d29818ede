/** Webhooks on a DynamoDB: what is sealed, who opens it, which secrets sign. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createEventQueue } from '../../../../adapters/aws/event/event-queue.ts';
import { createWebhookReader, createWebhookStore } from '../../../../adapters/aws/event/webhook-store.ts';
import { primaryKey } from '../../../../adapters/aws/rows.ts';
import { itemKeys } from '../../../../adapters/aws/schema.ts';
import { OLD_SECRET_MS } from '../../../../core/event/webhook.ts';
import { createLog } from '../../../../core/log.ts';
import { encodeId } from '../../../../core/tenant/tenant.ts';
import { webhookContext } from '../../../../core/vault/app-owner.ts';
import { Secret } from '../../../../core/vault/secret.ts';
import { startDynamoDb } from '../../../fakes/dynamodb.ts';
import { fakeKms } from '../../../fakes/kms.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const SINCE = new Date(NOW - 3_600_000).toISOString();

const db = await startDynamoDb();
afterAll(() => db.stop());
const log = createLog({ service: 'events', write: () => undefined, clock: () => NOW });
const queue = createEventQueue({ dynamodb: db.client, table: db.tenantsTable, log });

describe('webhooks', () => {
  const facts = { url: 'https://hooks.example.com/a', since: SINCE, changedAt: SINCE };

  function stores() {
    // A client of its own for each test: they share a table.
    const client = `client#${randomUUID()}`;
    const time = { now: NOW };
    const kms = fakeKms();
    const table = db.tenantsTable;
    const asked: string[] = [];
    const store = createWebhookStore({ dynamodb: db.client, kms, table, keyArn: 'key' });
    const open = createWebhookReader({
      sessions: async (scope) => {
        asked.push(`${scope.client} ${scope.org}`);
        return { dynamodb: db.client, kms };
      },
      table,
      keyArn: 'key',
      clock: () => time.now,
    });
    const secrets = async () => (await open(client))?.secrets.map((secret) => secret.reveal());
    return { client, time, kms, store, open, secrets, asked };
  }

  it('are stored with the secret sealed and the address in clear, and found in the directory', async () => {
    const { client, kms, store } = stores();
    await store.put(client, facts, new Secret('whsec_b25l'), NOW);
    expect(await store.find(client)).toEqual(facts);
    expect(kms.calls).toEqual([{ operation: 'GenerateDataKey', context: webhookContext(client) }]);
    const { Item } = await db.client.send(
      new GetItemCommand({ TableName: db.tenantsTable, Key: primaryKey(itemKeys.app.webhook(client)) }),
    );
    expect(JSON.stringify(Item)).not.toContain('b25l');
    expect(await queue.subscribers()).toContainEqual({ client, since: SINCE });
  });

  it('are opened with a session of their own client, without an organization', async () => {
    const { client, store, open, secrets, asked } = stores();
    await store.put(client, facts, new Secret('whsec_b25l'), NOW);
    expect((await open(client))?.url.href).toBe(facts.url);
    expect(await secrets()).toEqual(['whsec_b25l']);
    expect(new Set(asked)).toEqual(new Set([`${encodeId(client)} =`]));
  });

  it('sign with the former secret too, for a day after a new one', async () => {
    const { client, time, store, secrets } = stores();
    for (const secret of ['whsec_b25l', 'whsec_dHdv']) await store.put(client, facts, new Secret(secret), NOW);
    expect(await secrets()).toEqual(['whsec_dHdv', 'whsec_b25l']);
    time.now = NOW + OLD_SECRET_MS - 1;
    expect(await secrets()).toEqual(['whsec_dHdv', 'whsec_b25l']);
    time.now = NOW + OLD_SECRET_MS;
    expect(await secrets()).toEqual(['whsec_dHdv']);
    await store.put(client, facts, new Secret('whsec_dGhy'), time.now);
    expect(await secrets()).toEqual(['whsec_dGhy', 'whsec_dHdv']);
  });

  it.each([
    ['stored', 'put'],
    ['replaced', 'put'],
    ['removed', 'remove'],
  ] as const)('are not overwritten when somebody else has %s one meanwhile', async (what, act) => {
    const { client, kms, store, open } = stores();
    if (what !== 'stored') await store.put(client, facts, new Secret('whsec_b25l'), NOW);
    const theirs = { ...facts, url: 'https://hooks.example.com/theirs' };
    jest.spyOn(kms, 'send').mockImplementationOnce((async (command: never) => {
      if (act === 'put') await store.put(client, theirs, new Secret('whsec_dHdv'), NOW);
      else await store.remove(client);
      return kms.send(command);
    }) as never);
    expect(await store.put(client, facts, new Secret('whsec_dGhy'), NOW)).toBeUndefined();
    const found = await open(client);
    expect(found?.url.href).toBe(act === 'put' ? theirs.url : undefined);
    expect(found?.secrets[0]?.reveal()).toBe(act === 'put' ? 'whsec_dHdv' : undefined);
  });

  it('keep since when they are set again', async () => {
    const { client, store } = stores();
    expect(await store.put(client, facts, new Secret('whsec_b25l'), NOW)).toEqual(facts);
    const changedAt = new Date(NOW).toISOString();
    expect(await store.put(client, { ...facts, changedAt }, new Secret('whsec_dHdv'), NOW)).toEqual({
      ...facts,
      changedAt,
    });
  });

  it('are gone, from the directory too, when they are removed', async () => {
    const { client, store, open } = stores();
    await store.put(client, facts, new Secret('whsec_b25l'), NOW);
    expect([await store.remove(client), await store.remove(client)]).toEqual([true, false]);
    expect([await store.find(client), await open(client)]).toEqual([undefined, undefined]);
    expect((await queue.subscribers()).some((one) => one.client === client)).toBe(false);
  });
});
