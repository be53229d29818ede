/**
 * Invitations to connect. The invitation is a row in the partition of the tenant it was made for; beside it a row that is
 * found by the hash alone says which tenant that is. That second row decides nothing: whoever forges one still needs the
 * invitation, which only the tenant's own session can have written.
 */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { tenantId, type TenantId } from '../../../core/tenant/tenant.ts';
import { MAX_TRIES, type ConnectLinkStore, type ConnectLinkWriter } from '../../../core/connect/link.ts';
import { toItem } from '../attributes.ts';
import { fromLinkItem, fromLinkOwnerItem, fromTriesItem, toLinkItem, toLinkOwnerItem } from './link-item.ts';
import { getRow, primaryKey, unlessRefused } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { TenantSessions, TenantStoreDeps } from '../tenant-session.ts';
import type { Clock } from '../../../core/time.ts';

/** @param sessions the tenant's own. */
export function createConnectLinkWriter({ sessions, table }: Omit<TenantStoreDeps, 'clock'>): ConnectLinkWriter {
  return {
    async put(link) {
      const { dynamodb } = await sessions(link.tenant);
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: toLinkItem(link) }));
      // Last, so that whoever finds the owner finds the link too.
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: toLinkOwnerItem(link) }));
    },
  };
}

/**
 * @param deps.dynamodb with the connect function's own role, which finds owners.
 * @param deps.sessions for the tenant that a link belongs to.
 */
export function createConnectLinkStore(deps: {
  readonly dynamodb: DynamoDBClient;
  readonly sessions: TenantSessions;
  readonly table: string;
  readonly clock: Clock;
}): ConnectLinkStore {
  const { table } = deps;
  const keyOf = (tenant: TenantId, hash: string) => primaryKey(itemKeys.tenant.connectLink(tenant, hash));

  return {
    async find(hash) {
      const ownerItem = await getRow(deps.dynamodb, table, itemKeys.pending.connectLinkOwner(hash));
      if (ownerItem === undefined) return undefined;
      const owner = fromLinkOwnerItem(ownerItem);
      const tenant = tenantId(owner);
      const { dynamodb } = await deps.sessions(tenant);
      const item = await getRow(dynamodb, table, itemKeys.tenant.connectLink(tenant, hash));
      if (item === undefined) return undefined;
      const link = fromLinkItem(item);
      if (link.expiresAt <= deps.clock() || link.tries >= MAX_TRIES) return undefined;
      return { ...link, ...owner, hash, tenant };
    },

    async countTry(link) {
      const { dynamodb } = await deps.sessions(link.tenant);
      try {
        const { Attributes } = await dynamodb.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(link.tenant, link.hash),
            UpdateExpression: 'ADD tries :one',
            // Counting must not bring back a link that was used meanwhile.
            ConditionExpression: 'attribute_exists(pk) AND tries < :most',
            ExpressionAttributeValues: toItem({ ':one': 1, ':most': MAX_TRIES }),
            ReturnValues: 'UPDATED_NEW',
          }),
        );
        return fromTriesItem(Attributes ?? {});
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    },

    async giveTryBack(link) {
      const { dynamodb } = await deps.sessions(link.tenant);
      await unlessRefused(
        dynamodb.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(link.tenant, link.hash),
            UpdateExpression: 'ADD tries :less',
            ConditionExpression: 'tries > :none',
            ExpressionAttributeValues: toItem({ ':less': -1, ':none': 0 }),
          }),
        ),
      );
    },

    async take(link) {
      const { dynamodb } = await deps.sessions(link.tenant);
      return unlessRefused(
        dynamodb.send(
          new DeleteItemCommand({
            TableName: table,
            Key: keyOf(link.tenant, link.hash),
            ConditionExpression: 'attribute_exists(pk) AND tries < :most AND expires_at > :now',
            ExpressionAttributeValues: toItem({ ':most': MAX_TRIES, ':now': deps.clock() }),
          }),
        ),
      );
    },
  };
}
