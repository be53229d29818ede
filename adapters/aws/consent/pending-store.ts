/** Consents that were asked for. One write remembers, one conditional delete gives it back: to one caller, once. */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { PendingGrants } from '../../../core/consent/pending.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { fromItem, toItem } from '../attributes.ts';
import { primaryKey } from '../rows.ts';
import { itemKeys } from '../schema.ts';

const Hash = z.string().length(64);
const GrantItem = z.object({
  client: z.string().min(1),
  org: z.string().optional(),
  user: z.string().optional(),
  provider: z.string(),
  auth: z.string(),
  connection: z.string(),
  client_id: z.string(),
  redirect_uri: z.string(),
  browser_hash: Hash,
  facts: z.record(z.string(), z.string()),
  scopes: z.array(z.string()),
  ticket: Hash.optional(),
  return_url: z.string().optional(),
  expires_at: z.number(),
});

/** @param dynamodb with the connect function's own role. */
export function createGrantStore({
  dynamodb,
  table,
  clock,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
  readonly clock: () => number;
}): PendingGrants {
  return {
    async put(grant) {
      const item = toItem({
        ...itemKeys.pending.grant(grant.hash),
        client: grant.client,
        org: grant.org,
        user: grant.user,
        provider: grant.provider,
        auth: grant.auth,
        connection: grant.connection,
        facts: grant.facts,
        scopes: grant.scopes,
        ticket: grant.linkHash,
        client_id: grant.clientId,
        redirect_uri: grant.redirectUri,
        browser_hash: grant.browserHash,
        return_url: grant.returnUrl,
        expires_at: grant.expiresAt,
        ttl: Math.ceil(grant.expiresAt / 1000),
      });
      // A state is 32 random bytes: one that is there already is no new one.
      const ConditionExpression = 'attribute_not_exists(pk)';
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: item, ConditionExpression }));
    },

    async take(hash) {
      const Key = primaryKey(itemKeys.pending.grant(hash));
      try {
        const { Attributes } = await dynamodb.send(
          new DeleteItemCommand({
            TableName: table,
            Key,
            ConditionExpression: 'attribute_exists(pk)',
            ReturnValues: 'ALL_OLD',
          }),
        );
        if (Attributes === undefined) return undefined;
        const { ticket, client_id, redirect_uri, browser_hash, return_url, expires_at, ...rest } = GrantItem.parse(
          fromItem(Attributes),
        );
        if (expires_at <= clock()) return undefined;
        return {
          ...rest,
          hash,
          tenant: tenantId(rest),
          linkHash: ticket,
          clientId: client_id,
          redirectUri: redirect_uri,
          browserHash: browser_hash,
          returnUrl: return_url,
          expiresAt: expires_at,
        };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    },
  };
}
