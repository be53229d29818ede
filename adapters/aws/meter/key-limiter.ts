/**
 * Per-key limits as one conditional write each: the count and the check cannot be separated by a race. The rows
 * belong to the client, and a tenant's session can add to them but not read them.
 */
import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { LRUCache } from 'lru-cache';
import type { TenantPrincipal } from '../../../core/keys/principal.ts';
import { monthAfter, monthOf } from '../../../core/calendar.ts';
import { regardless, type Log } from '../../../core/log.ts';
import type { KeyLimiter, LimitDecision } from '../../../core/meter/key-limits.ts';
import * as z from 'zod';
import { fromItem, toItem } from '../attributes.ts';
import { toLastUsedItem } from '../keys/last-used-item.ts';
import { primaryKey, setting, unlessRefused } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';

const MINUTE_ROW_SECONDS = 600;
const MONTH_ROW_SECONDS = 70 * 86_400;

/** Only updates write it. */
const CountItem = z.object({ n: z.number() });

interface Row {
  readonly pk: string;
  readonly sk: string;
}

export function createKeyLimiter({ sessions, table, clock, log }: TenantStoreDeps & { readonly log: Log }): KeyLimiter {
  const seenToday = new LRUCache<string, string>({ max: 1_000 });

  async function add(
    principal: TenantPrincipal,
    row: Row,
    by: 0 | 1,
    keepSeconds: number,
    limit?: number,
  ): Promise<number | undefined> {
    const { dynamodb } = await sessions(principal.tenant);
    try {
      const { Attributes } = await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: primaryKey(row),
          UpdateExpression: 'ADD n :by SET #ttl = :ttl',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: toItem({
            ':by': by,
            ':ttl': Math.floor(clock() / 1000) + keepSeconds,
            ':limit': limit,
          }),
          ...(limit === undefined ? {} : { ConditionExpression: 'attribute_not_exists(n) OR n < :limit' }),
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return CountItem.parse(fromItem(Attributes ?? {})).n;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  async function noteUse({ tenant, keyId }: TenantPrincipal): Promise<void> {
    const day = new Date(clock()).toISOString().slice(0, 10);
    if (seenToday.get(keyId) === day) return;
    const { dynamodb } = await sessions(tenant);
    const Key = primaryKey(itemKeys.shared.keyLastUsed(tenant, keyId));
    await dynamodb.send(new UpdateItemCommand({ TableName: table, Key, ...setting(toLastUsedItem(day)) }));
    seenToday.set(keyId, day);
  }

  return {
    async request(principal): Promise<LimitDecision> {
      // For operators to see; no request depends on it.
      await regardless(log, 'use of the key not noted', () => noteUse(principal));
      const limit = principal.limits.rpm;
      if (limit === undefined) return { ok: true };
      const now = clock();
      const row = itemKeys.shared.keyMinute(
        principal.tenant,
        principal.keyId,
        new Date(now).toISOString().slice(0, 16),
      );
      const count = await add(principal, row, 1, MINUTE_ROW_SECONDS, limit);
      return count === undefined ? { ok: false, limit, retryAfter: 60 - (Math.floor(now / 1000) % 60) } : { ok: true };
    },

    async call(principal): Promise<LimitDecision> {
      const limit = principal.limits.monthly;
      if (limit === undefined) return { ok: true };
      const now = clock();
      const row = itemKeys.shared.keyMonth(principal.tenant, principal.keyId, monthOf(now));
      const count = await add(principal, row, 1, MONTH_ROW_SECONDS, limit);
      if (count !== undefined) return { ok: true };
      return { ok: false, limit, retryAfter: Math.ceil((monthAfter(now) - now) / 1000) };
    },

    async giveBack(principal) {
      if (principal.limits.monthly === undefined) return;
      const { dynamodb } = await sessions(principal.tenant);
      const row = itemKeys.shared.keyMonth(principal.tenant, principal.keyId, monthOf(clock()));
      await unlessRefused(
        dynamodb.send(
          new UpdateItemCommand({
            TableName: table,
            Key: primaryKey(row),
            UpdateExpression: 'ADD n :less',
            // A month may have ended in between: what was counted there stays there.
            ConditionExpression: 'n > :none',
            ExpressionAttributeValues: toItem({ ':less': -1, ':none': 0 }),
          }),
        ),
      );
    },

    async used(principal) {
      if (principal.limits.monthly === undefined) return undefined;
      const month = monthOf(clock());
      return add(principal, itemKeys.shared.keyMonth(principal.tenant, principal.keyId, month), 0, MONTH_ROW_SECONDS);
    },
  };
}
