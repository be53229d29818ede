/**
 * Keys, as the admin function sees them. Writes of a new key go owner, reference, key: until the last one is done
 * the key opens nothing, and from then on it can be found and revoked by its id. A reference whose key was never
 * written is passed over.
 */
import {
  PutItemCommand,
  UpdateItemCommand,
  type DynamoDBClient,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { ApiKeyRecord, KeyRecord } from '../../../core/keys/api-key.ts';
import type { Page, PageAsk } from '../../../core/page.ts';
import type { KeyAdminStore, StoredKey } from '../../../core/keys/key-admin.ts';
import { monthOf } from '../../../core/calendar.ts';
import type { Clock } from '../../../core/time.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { fromKeyItem, toKeyItem } from './key-item.ts';
import { fromKeyOwnerItem, fromKeyRefItem, toKeyOwnerItem, toKeyRefItem } from './key-ref-item.ts';
import { fromLastUsedItem } from './last-used-item.ts';
import { getRow, inParallel, pageOfRows, primaryKey, queryRows, setting, unlessRefused } from '../rows.ts';
import { itemKeys } from '../schema.ts';

export function createKeyAdminStore({
  dynamodb,
  tables,
  clock,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly clock: Clock;
  readonly tables: { readonly keys: string; readonly tenants: string };
}): KeyAdminStore {
  const put = (item: Item) => dynamodb.send(new PutItemCommand({ TableName: tables.tenants, Item: item }));

  /** The key behind a reference, when it is of the kind the caller is about. */
  async function resolve<Kind extends KeyRecord['kind']>(
    ref: Item,
    kind: Kind,
  ): Promise<StoredKey<Extract<KeyRecord, { kind: Kind }>> | undefined> {
    const { hash, lifetime } = fromKeyRefItem(ref);
    const item = await getRow(dynamodb, tables.keys, itemKeys.key(hash));
    const record = item === undefined ? undefined : fromKeyItem(item);
    return record === undefined || !isOfKind(record, kind) ? undefined : { hash, lifetime, record };
  }

  async function withUse(key: StoredKey<ApiKeyRecord>): Promise<StoredKey<ApiKeyRecord>> {
    const { clientId, keyId } = key.record;
    const [last, month] = await Promise.all([
      getRow(dynamodb, tables.tenants, itemKeys.client.keyLastUsed(clientId, keyId)),
      getRow(dynamodb, tables.tenants, itemKeys.client.keyMonth(clientId, keyId, monthOf(clock()))),
    ]);
    return {
      ...key,
      lastUsed: last === undefined ? undefined : fromLastUsedItem(last),
      usedThisMonth: month === undefined ? undefined : CountItem.parse(fromItem(month)).n,
    };
  }

  /** A reference whose key was never written is passed over, so a page may have fewer rows than were asked for. */
  async function pageOfKeys<Key>(
    range: { readonly pk: string; readonly prefix: string },
    ask: PageAsk,
    read: (ref: Item) => Promise<Key | undefined>,
  ): Promise<Page<Key>> {
    const { items, next } = await pageOfRows(dynamodb, tables.tenants, range, ask);
    const keys = await inParallel(items, read);
    return { rows: keys.filter((key) => key !== undefined), next };
  }

  /** An update that never creates a key, and answers what was there before. */
  const update = (hash: string, change: Partial<UpdateItemCommandInput>) =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName: tables.keys,
        Key: primaryKey(itemKeys.key(hash)),
        ConditionExpression: 'attribute_exists(pk)',
        ReturnValues: 'ALL_OLD',
        ...change,
      }),
    );

  async function setPolicy(hash: string, policy: ApiKeyRecord['policy']): Promise<void> {
    await unlessRefused(
      update(hash, {
        UpdateExpression: 'SET policy = :policy',
        ExpressionAttributeValues: toItem({ ':policy': policy }),
      }),
    );
  }

  return {
    async add(key) {
      const { hash, record } = key;
      if (record.kind === 'api') await put(toKeyOwnerItem(record.keyId, record.clientId));
      await put(toKeyRefItem(key));
      await dynamodb.send(
        new PutItemCommand({
          TableName: tables.keys,
          Item: toKeyItem(hash, record),
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    },

    async findApiKey(keyId) {
      const owner = await getRow(dynamodb, tables.tenants, itemKeys.client.keyOwner(keyId));
      if (owner === undefined) return undefined;
      const client = fromKeyOwnerItem(owner);
      const ref = await getRow(dynamodb, tables.tenants, itemKeys.client.keyRef(client, keyId));
      const key = ref === undefined ? undefined : await resolve(ref, 'api');
      return key === undefined ? undefined : withUse(key);
    },

    async findOperatorKey(keyId) {
      const ref = await getRow(dynamodb, tables.tenants, itemKeys.client.operatorRef(keyId));
      return ref === undefined ? undefined : resolve(ref, 'operator');
    },

    apiKeys: (clientId, ask) =>
      pageOfKeys(itemKeys.client.keyRefs(clientId), ask, async (ref) => {
        const key = await resolve(ref, 'api');
        return key === undefined ? undefined : withUse(key);
      }),

    operatorKeys: (ask) => pageOfKeys(itemKeys.client.operatorRefs(), ask, (ref) => resolve(ref, 'operator')),

    async revoke(hash) {
      let before: Item | undefined;
      const revoked = update(hash, {
        UpdateExpression: 'SET #status = :revoked',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: toItem({ ':revoked': 'revoked' }),
      });
      await unlessRefused(revoked.then(({ Attributes }) => (before = Attributes)));
      return before === undefined ? undefined : fromKeyItem(before).status;
    },

    async change({ hash, record: { clientId, keyId } }, { name, rpm, monthly, confirm, lifetime, expiresAt }) {
      const fields = { name, rpm, monthly, confirm, expires_at: lifetime === null ? null : expiresAt };
      const { UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues } = changing(fields);
      let after: Item | undefined;
      const changed = update(hash, {
        UpdateExpression,
        ConditionExpression: 'attribute_exists(pk) AND #status = :active',
        ExpressionAttributeNames: { ...ExpressionAttributeNames, '#status': 'status' },
        ExpressionAttributeValues: { ...ExpressionAttributeValues, ...toItem({ ':active': 'active' }) },
        ReturnValues: 'ALL_NEW',
      });
      if (!(await unlessRefused(changed.then(({ Attributes }) => (after = Attributes))))) return undefined;
      // A rotated key is made for as long again.
      if (lifetime !== undefined)
        await dynamodb.send(
          new UpdateItemCommand({
            TableName: tables.tenants,
            Key: primaryKey(itemKeys.client.keyRef(clientId, keyId)),
            ...(lifetime === null ? { UpdateExpression: 'REMOVE lifetime' } : setting(toItem({ lifetime }))),
          }),
        );
      const record = after === undefined ? undefined : fromKeyItem(after);
      return record?.kind === 'api' ? record : undefined;
    },

    async expire(hash, at) {
      return unlessRefused(
        update(hash, {
          UpdateExpression: 'SET expires_at = :at',
          ConditionExpression: 'attribute_exists(pk) AND #status = :active',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: toItem({ ':at': at, ':active': 'active' }),
        }),
      );
    },

    setPolicy,

    async rewrite(clientId, policy) {
      const refs = await queryRows(dynamodb, tables.tenants, itemKeys.client.keyRefs(clientId));
      await inParallel(refs, (ref) => setPolicy(fromKeyRefItem(ref).hash, policy));
    },
  };
}

/** Written by the limiter. */
const CountItem = z.object({ n: z.number() });

/** An update that sets what is given and takes away what is null. */
function changing(fields: Readonly<Record<string, string | number | null | undefined>>) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const removed = given.flatMap(([name, value]) => (value === null ? [name] : []));
  const set = given.flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, value] as const]));
  return setting(toItem(Object.fromEntries(set)), removed);
}

function isOfKind<Kind extends KeyRecord['kind']>(
  record: KeyRecord,
  kind: Kind,
): record is Extract<KeyRecord, { kind: Kind }> {
  return record.kind === kind;
}
