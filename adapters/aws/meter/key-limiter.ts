/**
 * Per-key limits as one conditional write each: the count and the check cannot be separated by a race. The rows
 * belong to the client, and a tenant's session can add to them but not read them.
 */
import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { LRUCache } from 'lru-cache';
import type { TenantPrincipal } from '../../../core/keys/principal.ts';
import { monthAfter, monthOf } from '../../../core/calendar.ts';
import { regardless, type Log } from '../../../core/log.ts';
import { tenantKeyShare, type KeyLimiter, type LimitDecision } from '../../../core/meter/key-limits.ts';
import type { EpochMs } from '../../../core/time.ts';
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

  /** The count after adding `by`; undefined when that would be more than `limit`. */
  async function add(
    principal: TenantPrincipal,
    row: Row,
    by: number,
    keepSeconds: number,
    limit?: number,
  ): Promise<number | undefined> {
    const { dynamodb } = await sessions(principal.tenant);
    // The first count of a row is compared here, because there is nothing to compare it with in the table.
    if (limit !== undefined && by > limit) return undefined;
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
            ':most': limit === undefined ? undefined : limit - by,
          }),
          ...(limit === undefined ? {} : { ConditionExpression: 'attribute_not_exists(n) OR n <= :most' }),
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return CountItem.parse(fromItem(Attributes ?? {})).n;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  async function takeBack({ tenant }: TenantPrincipal, row: Row, calls: number): Promise<void> {
    const { dynamodb } = await sessions(tenant);
    await unlessRefused(
      dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: primaryKey(row),
          UpdateExpression: 'ADD n :less',
          ConditionExpression: 'n >= :calls',
          ExpressionAttributeValues: toItem({ ':less': -calls, ':calls': calls }),
        }),
      ),
    );
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
    async request(principal, messages = 1): Promise<LimitDecision> {
      // For operators to see; no request depends on it.
      await regardless(log, 'use of the key not noted', () => noteUse(principal));
      const limit = principal.limits.rpm;
      if (limit === undefined || messages === 0) return { ok: true };
      const now = clock();
      const row = itemKeys.shared.keyMinute(
        principal.tenant,
        principal.keyId,
        new Date(now).toISOString().slice(0, 16),
      );
      const count = await add(principal, row, messages, MINUTE_ROW_SECONDS, limit);
      if (count !== undefined) return { ok: true };
      return { ok: false, limit, of: 'minute', retryAfter: 60 - (Math.floor(now / 1000) % 60) };
    },

    async reserve(principal, calls) {
      const { monthly } = principal.limits;
      if (monthly === undefined || calls === 0) return { ok: true, giveBack: async () => undefined };
      const now = clock();
      const counted: Row[] = [];
      const giveBack = async (unsent: number): Promise<void> =>
        void (await Promise.all(counted.map((row) => takeBack(principal, row, unsent))));
      for (const { row, limit, of } of monthRows(principal, monthly, now)) {
        const count = await add(principal, row, calls, MONTH_ROW_SECONDS, limit).catch(async (error: unknown) => {
          await regardless(log, 'calls not given back', () => giveBack(calls));
          throw error;
        });
        if (count === undefined) {
          await regardless(log, 'calls not given back', () => giveBack(calls));
          return { ok: false, limit, of, retryAfter: Math.ceil((monthAfter(now) - now) / 1000) };
        }
        counted.push(row);
      }
      return { ok: true, giveBack };
    },

    async used(principal) {
      const { monthly } = principal.limits;
      if (monthly === undefined) return undefined;
      const rows = monthRows(principal, monthly, clock());
      const counts = await Promise.all(
        rows.map(async ({ row, limit }) => {
          const calls = (await add(principal, row, 0, MONTH_ROW_SECONDS)) ?? 0;
          return { calls, left: Math.max(0, limit - calls) };
        }),
      );
      return { calls: counts.at(-1)?.calls ?? 0, left: Math.min(...counts.map(({ left }) => left)) };
    },
  };
}

interface MonthRow {
  readonly row: Row;
  readonly limit: number;
  readonly of: 'month' | 'share';
}

/** The rows that a call of this key counts in: a tenant key's share first, then the month of the key itself. */
function monthRows(
  { tenant, keyId, tenantKeyId }: TenantPrincipal,
  monthly: number,
  now: EpochMs,
): readonly MonthRow[] {
  const month = monthOf(now);
  const whole: MonthRow = { row: itemKeys.shared.keyMonth(tenant, keyId, month), limit: monthly, of: 'month' };
  if (tenantKeyId === undefined) return [whole];
  const row = itemKeys.shared.tenantKeyMonth(tenant, keyId, month, tenantKeyId);
  return [{ row, limit: tenantKeyShare(monthly), of: 'share' }, whole];
}
