/**
 * The pace a provider allows, shared by every environment through one row per scope: a leaky bucket kept as the
 * time at which it will be empty again (the generic cell rate algorithm), moved by conditional writes.
 *
 * While the bucket is less than half full an environment takes a few slots in one write and spends them from
 * memory for some seconds, so that a quiet account costs one write per several calls.
 *
 * Who has to wait is counted in a second row, the tenant's own for this scope, kept in the same way: the more slots a tenant
 * waits for, the shorter the queue behind which it may still stand. It can fill half of it at most; a tenant with a single
 * call comes after that half, and not after everything that others have asked for.
 */
import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { fault } from '../../../core/fault.ts';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import { tenantTags } from '../../../core/tenant/tenant.ts';
import { LONGEST_WAIT_MS, type RateLimiter } from '../../../core/meter/rate-limit.ts';
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

/** Only updates write it. */
const BucketItem = z.object({ empty_at: z.number() });

interface Row {
  readonly pk: string;
  readonly sk: string;
}

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

  /** Moves a row on; undefined when it is not, or no longer, as the step takes it to be. */
  async function move(tenant: TenantId, row: Row, now: EpochMs, by: number, step: Step): Promise<number | undefined> {
    const { dynamodb } = await sessions(tenant);
    const idle = step.from === 'idle';
    try {
      const { Attributes } = await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: primaryKey(row),
          UpdateExpression: `SET empty_at = ${idle ? ':now + :by' : 'empty_at + :by'}, #ttl = :ttl`,
          ConditionExpression: idle
            ? 'attribute_not_exists(empty_at) OR empty_at <= :now'
            : 'empty_at > :now AND empty_at <= :most',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: toItem({
            ':now': now,
            ':by': by,
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

  /** For how long this tenant's calls have to wait, this one included; the most that counts when it is more. */
  async function ownQueue(tenant: TenantId, scopeHash: string, now: EpochMs, interval: number): Promise<number> {
    const most = LONGEST_WAIT_MS / 2;
    const row = itemKeys.shared.rateLimitQueue(tenant, scopeHash, tenantHash(tenant));
    for (const from of ['busy', 'idle', 'busy'] as const) {
      const until = await move(tenant, row, now, interval, { from, slots: 1, atMost: now + most - interval });
      if (until !== undefined) return Math.min(most, until - now);
    }
    return most;
  }

  return {
    async take(tenant, scope, { capacity, perSecond }) {
      const now = clock();
      const interval = Math.ceil(1000 / perSecond);
      const full = capacity * interval;
      const scopeHash = createHash('sha256').update(scope).digest('hex').slice(0, 32);
      const name = `${tenantTags(tenant).client}|${scopeHash}`;
      const row = itemKeys.shared.rateLimit(tenant, scopeHash);
      const mine = known.get(name);
      if (mine !== undefined && mine.slots > 0 && mine.slotsUntil > now) {
        known.set(name, { ...mine, slots: mine.slots - 1 });
        return { waitMs: 0 };
      }

      async function firstOf(steps: readonly Step[]): Promise<{ readonly waitMs: number } | undefined> {
        for (const step of steps) {
          const moved = await move(tenant, row, now, step.slots * interval, step);
          if (moved === undefined) continue;
          known.set(name, { emptyAt: moved, slots: step.slots - 1, slotsUntil: now + BLOCK_TTL_MS });
          return { waitMs: Math.max(0, moved - full - now) };
        }
        return undefined;
      }

      const block = capacity >= 2 * BLOCK ? BLOCK : 1;
      const idle: Step = { from: 'idle', slots: block, atMost: 0 };
      const half: Step = { from: 'busy', slots: block, atMost: now + full / 2 - block * interval };
      const single = (waitMs: number): Step => ({ from: 'busy', slots: 1, atMost: now + waitMs + full - interval });
      const atOnce = single(0);
      const emptyAt = mine?.emptyAt ?? 0;
      // What this environment knows may be old, and then the bucket is fuller: hence another step after the first.
      const free =
        emptyAt <= now ? [idle, atOnce, idle] : emptyAt <= half.atMost ? [half, atOnce, idle] : [atOnce, idle];
      const taken = emptyAt <= atOnce.atMost ? await firstOf(free) : undefined;
      if (taken !== undefined) return taken;

      // What is refused now stays counted, for as long as it would have waited: asking again at once does not help.
      const waits = single(LONGEST_WAIT_MS - (await ownQueue(tenant, scopeHash, now, interval)));
      const later = await firstOf([waits, idle, waits]);
      if (later !== undefined) return later;
      return {
        fault: fault('rate_limited', 'Too many calls for this account right now.', {
          retry_after: Math.ceil(LONGEST_WAIT_MS / 2_000),
        }),
      };
    },
  };
}

function tenantHash(tenant: TenantId): string {
  return createHash('sha256').update(tenant).digest('hex').slice(0, 32);
}
