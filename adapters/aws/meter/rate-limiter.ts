/**
 * The pace a provider allows, shared by every environment through one row per scope: a leaky bucket kept as the
 * time at which it will be empty again (the generic cell rate algorithm), moved by conditional writes.
 *
 * While the bucket is less than half full an environment takes a few slots in one write and spends them from
 * memory for some seconds, so that a quiet account costs one write per several calls.
 */
import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { fault } from '../../../core/fault.ts';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import { tenantTags } from '../../../core/tenant/tenant.ts';
import type { RateLimiter } from '../../../core/meter/rate-limit.ts';
import * as z from 'zod';
import { fromItem, toItem } from '../attributes.ts';
import { primaryKey } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';
import type { EpochMs } from '../../../core/time.ts';

const BLOCK = 5;
const BLOCK_TTL_MS = 10_000;
const ROW_TTL_SECONDS = 3_600;
const MAX_SCOPES = 500;
const TRIES = 4;

/** Only updates write it. */
const BucketItem = z.object({ empty_at: z.number() });

interface Known {
  /** When the bucket will be empty, as far as this environment knows. */
  readonly emptyAt: number;
  readonly slots: number;
  readonly slotsUntil: number;
}

interface Step {
  readonly from: 'idle' | 'busy';
  readonly slots: number;
  readonly atMost: number;
}

export function createRateLimiter({ sessions, table, clock }: TenantStoreDeps): RateLimiter {
  const known = new LRUCache<string, Known>({ max: MAX_SCOPES });

  async function move(
    tenant: TenantId,
    scopeHash: string,
    now: EpochMs,
    interval: number,
    step: Step,
  ): Promise<number | undefined> {
    const { dynamodb } = await sessions(tenant);
    const idle = step.from === 'idle';
    try {
      const { Attributes } = await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: primaryKey(itemKeys.shared.rateLimit(tenant, scopeHash)),
          UpdateExpression: `SET empty_at = ${idle ? ':now + :by' : 'empty_at + :by'}, #ttl = :ttl`,
          ConditionExpression: idle
            ? 'attribute_not_exists(empty_at) OR empty_at <= :now'
            : 'empty_at > :now AND empty_at <= :most',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: toItem({
            ':now': now,
            ':by': step.slots * interval,
            ':ttl': Math.floor(now / 1000) + ROW_TTL_SECONDS,
            ':most': idle ? undefined : Math.floor(step.atMost),
          }),
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return BucketItem.parse(fromItem(Attributes ?? {})).empty_at;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  return {
    async take(tenant, scope, { capacity, perSecond, maxWaitMs }) {
      const now = clock();
      const interval = Math.ceil(1000 / perSecond);
      const full = capacity * interval;
      const scopeHash = createHash('sha256').update(scope).digest('hex').slice(0, 32);
      const name = `${tenantTags(tenant).client}|${scopeHash}`;
      const mine = known.get(name);
      if (mine !== undefined && mine.slots > 0 && mine.slotsUntil > now) {
        known.set(name, { ...mine, slots: mine.slots - 1 });
        return { waitMs: 0 };
      }

      const block = capacity >= 2 * BLOCK ? BLOCK : 1;
      const idle: Step = { from: 'idle', slots: block, atMost: 0 };
      const half: Step = { from: 'busy', slots: block, atMost: now + full / 2 - block * interval };
      const single: Step = { from: 'busy', slots: 1, atMost: now + maxWaitMs + full - interval };
      const emptyAt = mine?.emptyAt ?? 0;
      const first = emptyAt <= now ? idle : emptyAt <= half.atMost ? half : single;
      // The others follow because what this environment knows may be old.
      const steps = first === idle ? [idle, single, idle, single] : [first, single, idle, single];

      for (const step of steps.slice(0, TRIES)) {
        const moved = await move(tenant, scopeHash, now, interval, step);
        if (moved === undefined) continue;
        known.set(name, { emptyAt: moved, slots: step.slots - 1, slotsUntil: now + BLOCK_TTL_MS });
        return { waitMs: Math.max(0, moved - full - now) };
      }
      return {
        fault: fault('rate_limited', 'Too many calls for this account right now.', {
          retry_after: Math.ceil(maxWaitMs / 1000),
        }),
      };
    },
  };
}
