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
import * as z from 'zod';
import { tenantId, type TenantId } from '../core/tenant.ts';
import { MAX_TRIES, type Ticket, type TicketStore, type TicketWriter } from '../core/ticket.ts';
import { fromItem, toItem } from './attributes.ts';
import { getRow, primaryKey, unlessRefused } from './rows.ts';
import { pendingRow, tenantRow } from './schema.ts';
import type { TenantSessions } from './tenant-session.ts';

const OwnerItem = z.object({ client: z.string().min(1), org: z.string().optional(), user: z.string().optional() });
const TicketItem = z.object({
  provider: z.string().min(1),
  connection: z.string().min(1),
  code_hash: z.string().length(64),
  return_url: z.string().optional(),
  expires_at: z.number(),
  tries: z.number(),
});

/** DynamoDB may delete it some time after it has ended; until then `expires_at` decides. */
const seconds = (ms: number): number => Math.ceil(ms / 1000);

/** @param sessions the tenant's own. */
export function createTicketWriter(sessions: TenantSessions, table: string): TicketWriter {
  return {
    async put({ hash, tenant, client, org, user, provider, connection, codeHash, returnUrl, expiresAt, tries }) {
      const { dynamodb } = await sessions(tenant);
      const ttl = seconds(expiresAt);
      const fields = { provider, connection, code_hash: codeHash, return_url: returnUrl, expires_at: expiresAt, tries };
      const ticket = toItem({ ...tenantRow.ticket(tenant, hash), ...fields, ttl });
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: ticket }));
      // Last, so that whoever finds the owner finds the ticket too.
      const owner = toItem({ ...pendingRow.ticketOwner(hash), client, org, user, ttl });
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: owner }));
    },
  };
}

/**
 * @param deps.dynamodb with the connect function's own role, which finds owners.
 * @param deps.sessions for the tenant that a ticket belongs to.
 */
export function createTicketStore(deps: {
  readonly dynamodb: DynamoDBClient;
  readonly sessions: TenantSessions;
  readonly table: string;
  readonly clock: () => number;
}): TicketStore {
  const { table } = deps;
  const keyOf = (tenant: TenantId, hash: string) => primaryKey(tenantRow.ticket(tenant, hash));

  async function remove(ticket: Ticket, condition: string, values: Record<string, number>): Promise<boolean> {
    const { dynamodb } = await deps.sessions(ticket.tenant);
    return unlessRefused(
      dynamodb.send(
        new DeleteItemCommand({
          TableName: table,
          Key: keyOf(ticket.tenant, ticket.hash),
          ConditionExpression: condition,
          ExpressionAttributeValues: toItem(values),
        }),
      ),
    );
  }

  return {
    async find(hash) {
      const ownerItem = await getRow(deps.dynamodb, table, pendingRow.ticketOwner(hash));
      if (ownerItem === undefined) return undefined;
      const owner = OwnerItem.parse(fromItem(ownerItem));
      const tenant = tenantId(owner);
      const { dynamodb } = await deps.sessions(tenant);
      const item = await getRow(dynamodb, table, tenantRow.ticket(tenant, hash));
      if (item === undefined) return undefined;
      const { code_hash, return_url, expires_at, ...ticket } = TicketItem.parse(fromItem(item));
      if (expires_at <= deps.clock() || ticket.tries >= MAX_TRIES) return undefined;
      return { ...ticket, ...owner, hash, tenant, codeHash: code_hash, returnUrl: return_url, expiresAt: expires_at };
    },

    async countWrongCode(ticket) {
      const { dynamodb } = await deps.sessions(ticket.tenant);
      try {
        const { Attributes } = await dynamodb.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(ticket.tenant, ticket.hash),
            UpdateExpression: 'ADD tries :one',
            // Counting must not bring back a ticket that was used meanwhile.
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: toItem({ ':one': 1 }),
            ReturnValues: 'UPDATED_NEW',
          }),
        );
        if (Number(Attributes?.tries?.N) >= MAX_TRIES) await remove(ticket, 'tries >= :most', { ':most': MAX_TRIES });
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },

    async take(ticket) {
      return remove(ticket, 'attribute_exists(pk) AND tries < :most AND expires_at > :now', {
        ':most': MAX_TRIES,
        ':now': deps.clock(),
      });
    },
  };
}
