/** Counts, failures and reports. A tenant's own rows are its own; the operators' copy goes to the shared rows. */
import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import { KEEP_ISSUES_DAYS, MAX_REPORTS_A_DAY } from '../../../core/tenant/issue.ts';
import type { UsageCount, UsageStore } from '../../../core/meter/usage.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { firstRows, primaryKey, queryRows, setting, unlessRefused } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import { toIssueItem } from '../tenant/issue-item.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';
import { fromFailureItem, toFailureItem, toOperatorsItem } from './failure-item.ts';

const DAY_SECONDS = 86_400;
const KEEP_USAGE_DAYS = 400;
const KEEP_FAILURES_DAYS = 7;
const MAX_FAILURES = 10;

/** Deleted late by DynamoDB: until then `ttl` is compared here. */
const EndingItem = z.object({ ttl: z.number() });
/** Only updates write it. */
const UsageItem = z.object({
  sk: z.string(),
  provider: z.string(),
  connection: z.string(),
  calls: z.number(),
  failures: z.number(),
  last_used_at: z.string(),
});

export function createUsageStore({ sessions, table, clock }: TenantStoreDeps): UsageStore {
  const expires = (days: number): number => Math.floor(clock() / 1000) + days * DAY_SECONDS;

  async function query(tenant: TenantId, range: { readonly pk: string; readonly prefix: string }, newest?: number) {
    const { dynamodb } = await sessions(tenant);
    const items =
      newest === undefined
        ? await queryRows(dynamodb, table, range)
        : await firstRows(dynamodb, table, range, newest, { newest: true });
    const now = Math.floor(clock() / 1000);
    return items.filter((item) => EndingItem.parse(fromItem(item)).ttl > now);
  }

  return {
    async count(tenant, provider, connection, failed) {
      const { dynamodb } = await sessions(tenant);
      const at = new Date(clock()).toISOString();
      const row = itemKeys.tenant.usage(tenant, at.slice(0, 7), provider, connection);
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: primaryKey(row),
          UpdateExpression:
            'ADD calls :one, failures :failed SET last_used_at = :at, provider = :provider, #connection = :connection, #ttl = :ttl',
          ExpressionAttributeNames: { '#connection': 'connection', '#ttl': 'ttl' },
          ExpressionAttributeValues: toItem({
            ':one': 1,
            ':failed': failed ? 1 : 0,
            ':at': at,
            ':provider': provider,
            ':connection': connection,
            ':ttl': expires(KEEP_USAGE_DAYS),
          }),
        }),
      );
    },

    async read(tenant, month) {
      return (await query(tenant, itemKeys.tenant.usages(tenant, month))).map(fromUsageItem);
    },

    async noteFailure(tenant, failure) {
      const { dynamodb } = await sessions(tenant);
      const ttl = expires(KEEP_FAILURES_DAYS);
      const { at, reference } = failure;
      const shared = [
        itemKeys.shared.failure(tenant, at, reference),
        itemKeys.shared.failureReference(tenant, reference),
      ];
      await Promise.all([
        dynamodb.send(new PutItemCommand({ TableName: table, Item: toFailureItem(tenant, failure, ttl) })),
        ...shared.map((row) =>
          dynamodb.send(
            new UpdateItemCommand({
              TableName: table,
              Key: primaryKey(row),
              ...setting(toOperatorsItem(failure, ttl)),
            }),
          ),
        ),
      ]);
    },

    async recentFailures(tenant) {
      return (await query(tenant, itemKeys.tenant.failures(tenant), MAX_FAILURES)).map(fromFailureItem);
    },

    async report({ tenant, keyId, org, user }, { at: time, ...report }) {
      const { dynamodb } = await sessions(tenant);
      const at = new Date(time).toISOString();
      const counted = await unlessRefused(
        dynamodb.send(
          new UpdateItemCommand({
            TableName: table,
            Key: primaryKey(itemKeys.tenant.reports(tenant, at.slice(0, 10))),
            UpdateExpression: 'ADD n :one SET #ttl = :ttl',
            ConditionExpression: 'attribute_not_exists(n) OR n < :most',
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: toItem({ ':one': 1, ':most': MAX_REPORTS_A_DAY, ':ttl': expires(2) }),
          }),
        ),
      );
      if (!counted) return false;
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: primaryKey(itemKeys.shared.issue(tenant, at, report.id)),
          ...setting(toIssueItem({ ...report, at, keyId, org, user }, expires(KEEP_ISSUES_DAYS))),
        }),
      );
      return true;
    },
  };
}

function fromUsageItem(item: Item): UsageCount {
  const { sk, provider, connection, calls, failures, last_used_at: lastUsedAt } = UsageItem.parse(fromItem(item));
  return { month: sk.split('#')[1] ?? '', provider, connection, calls, failures, lastUsedAt };
}
