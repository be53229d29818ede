/**
 * Webhooks: the address in clear, the secret sealed. The admin function writes them and cannot open them; the events
 * function opens them with a session of WebhookRole for the client. The row in the directory is written first and removed
 * last, so that a webhook that exists is always found.
 */
import {
  DeleteItemCommand,
  PutItemCommand,
  type DynamoDBClient,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import { webhookContext } from '../../../core/vault/app-owner.ts';
import { openEnvelope, sealEnvelope } from '../../../core/vault/envelope.ts';
import { Secret } from '../../../core/vault/secret.ts';
import { OLD_SECRET_MS, type Webhook } from '../../../core/event/webhook.ts';
import type { WebhookStore } from '../../../core/event/webhook-admin.ts';
import { toItem, type Item } from '../attributes.ts';
import { decryptDataKey, generateDataKey } from '../vault/data-keys.ts';
import { getRow, primaryKey, unlessRefused } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { AppSessions } from '../tenant-session.ts';
import { fromWebhookItem, toSubscriberItem, toWebhookItem, type StoredWebhook } from './webhook-item.ts';
import type { Clock } from '../../../core/time.ts';

async function read(dynamodb: DynamoDBClient, table: string, client: string) {
  const item = await getRow(dynamodb, table, itemKeys.app.webhook(client));
  return item === undefined ? undefined : fromWebhookItem(item);
}

/** `dynamodb` and `kms` with the admin function's own role. */
export function createWebhookStore(deps: {
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
  readonly table: string;
  readonly keyArn: string;
}): WebhookStore {
  const { dynamodb, kms, table, keyArn } = deps;
  const put = (item: Item, condition: Partial<PutItemCommandInput> = {}) =>
    dynamodb.send(new PutItemCommand({ TableName: table, Item: item, ...condition }));
  const remove = (row: { readonly pk: string; readonly sk: string }) =>
    dynamodb.send(new DeleteItemCommand({ TableName: table, Key: primaryKey(row), ReturnValues: 'ALL_OLD' }));
  return {
    async find(client) {
      const found = await read(dynamodb, table, client);
      return found === undefined ? undefined : { url: found.url, since: found.since, changedAt: found.changedAt };
    },

    async put(client, { url, changedAt }, secret, now) {
      const before = await read(dynamodb, table, client);
      const previous = before && { sealed: before.sealed, until: now + OLD_SECRET_MS };
      // What already waits goes to the new address.
      const since = before?.since ?? changedAt;
      const context = webhookContext(client);
      const sealed = sealEnvelope(await generateDataKey(kms, keyArn, context), context, secret.reveal());
      await put(toSubscriberItem({ client, since }));
      const item = toWebhookItem(client, { url, since, changedAt, sealed, previous });
      const stored = await unlessRefused(put(item, unchangedSince(before)));
      return stored ? { url, since, changedAt } : undefined;
    },

    async remove(client) {
      const { Attributes } = await remove(itemKeys.app.webhook(client));
      await remove(itemKeys.client.eventDirectory(client));
      return Attributes !== undefined;
    },
  };
}

/**
 * Two operators who set a webhook at the same time would each be told a secret, and one of the two would sign nothing:
 * the second is refused. Each sealing has an `iv` of its own, which is the version of the row.
 */
function unchangedSince(before: StoredWebhook | undefined): Partial<PutItemCommandInput> {
  if (before === undefined) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return { ConditionExpression: 'iv = :seen', ExpressionAttributeValues: toItem({ ':seen': before.sealed.iv }) };
}

/** Opens the webhook of a client; undefined when it has none. */
export function createWebhookReader(deps: {
  readonly sessions: AppSessions;
  readonly table: string;
  readonly keyArn: string;
  readonly clock: Clock;
}): (client: string) => Promise<Webhook | undefined> {
  const { sessions, table, keyArn, clock } = deps;
  return async (client) => {
    const context = webhookContext(client);
    const { dynamodb, kms } = await sessions(context);
    const found = await read(dynamodb, table, client);
    if (found === undefined) return undefined;
    const { url, sealed, previous } = found;
    const signing = previous !== undefined && previous.until > clock() ? [sealed, previous.sealed] : [sealed];
    const secrets = signing.map(async (envelope) => {
      const dataKey = await decryptDataKey(kms, keyArn, context, envelope.edk);
      return new Secret(openEnvelope(dataKey, context, envelope));
    });
    return { url: new URL(url), secrets: await Promise.all(secrets) };
  };
}
