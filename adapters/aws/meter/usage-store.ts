/** Counts, failures and reports. A tenant's own rows are its own; the operators' copy goes to the shared rows. */
import { PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { TenantId } from '../../../core/tenant/tenant.ts';
import type { FailureNote, UsageCount, UsageStore } from '../../../core/meter/usage.ts';
import { itemKeys } from '../schema.ts';
import type { TenantStoreDeps } from '../tenant-session.ts';

const DAY_SECONDS = 86_400;
const KEEP_USAGE_DAYS = 400;
const KEEP_FAILURES_DAYS = 7;
const MAX_FAILURES = 10;

export function createUsageStore({ sessions, table, clock }: TenantStoreDeps): UsageStore {
  const expires = (days: number) => ({ N: String(Math.floor(clock() / 1000) + days * DAY_SECONDS) });

  async function query(tenant: TenantId, { pk, prefix }: { pk: string; prefix: string }, newest?: number) {
    const { dynamodb } = await sessions(tenant);
    const { Items } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
        ...(newest === undefined ? {} : { ScanIndexForward: false, Limit: newest }),
      }),
    );
    const now = Math.floor(clock() / 1000);
    return (Items ?? []).filter(({ ttl }) => Number(ttl?.N ?? now + 1) > now);
  }

  return {
    async count(tenant, provider, connection, failed) {
      const { dynamodb } = await sessions(tenant);
      const at = new Date(clock()).toISOString();
      const { pk, sk } = itemKeys.tenant.usage(tenant, at.slice(0, 7), provider, connection);
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { pk: { S: pk }, sk: { S: sk } },
          UpdateExpression:
            'ADD calls :one, failures :failed SET last_used_at = :at, provider = :provider, #connection = :connection, #ttl = :ttl',
          ExpressionAttributeNames: { '#connection': 'connection', '#ttl': 'ttl' },
          ExpressionAttributeValues: {
            ':one': { N: '1' },
            ':failed': { N: failed ? '1' : '0' },
            ':at': { S: at },
            ':provider': { S: provider },
            ':connection': { S: connection },
            ':ttl': expires(KEEP_USAGE_DAYS),
          },
        }),
      );
    },

    async read(tenant, month) {
      const items = await query(tenant, itemKeys.tenant.usages(tenant, month));
      return items.map((item): UsageCount => ({
        month: item.sk?.S?.split('#')[1] ?? '',
        provider: item.provider?.S ?? '',
        connection: item.connection?.S ?? '',
        calls: Number(item.calls?.N ?? 0),
        failures: Number(item.failures?.N ?? 0),
        lastUsedAt: item.last_used_at?.S ?? '',
      }));
    },

    async noteFailure(tenant, { reference, tool, code, at }) {
      const { dynamodb } = await sessions(tenant);
      const { pk, sk } = itemKeys.tenant.failure(tenant, at, reference);
      await dynamodb.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            pk: { S: pk },
            sk: { S: sk },
            reference: { S: reference },
            tool: { S: tool },
            code: { S: code },
            at: { S: at },
            ttl: expires(KEEP_FAILURES_DAYS),
          },
        }),
      );
    },

    async recentFailures(tenant) {
      const items = await query(tenant, itemKeys.tenant.failures(tenant), MAX_FAILURES);
      return items.map(({ reference, tool, code, at }): FailureNote => ({
        reference: reference?.S ?? '',
        tool: tool?.S ?? '',
        code: code?.S ?? '',
        at: at?.S ?? '',
      }));
    },

    async report(principal, { id, summary, description, references }) {
      const { dynamodb } = await sessions(principal.tenant);
      const at = new Date(clock()).toISOString();
      const { pk, sk } = itemKeys.shared.issue(principal.tenant, at, id);
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { pk: { S: pk }, sk: { S: sk } },
          UpdateExpression:
            'SET id = :id, #at = :at, key_id = :key, org = :org, #user = :user, summary = :summary, description = :description, #references = :references',
          ExpressionAttributeNames: { '#at': 'at', '#user': 'user', '#references': 'references' },
          ExpressionAttributeValues: {
            ':id': { S: id },
            ':at': { S: at },
            ':key': { S: principal.keyId },
            ':org': { S: principal.org ?? '' },
            ':user': { S: principal.user ?? '' },
            ':summary': { S: summary },
            ':description': { S: description },
            ':references': { L: references.map((reference) => ({ S: reference })) },
          },
        }),
      );
    },
  };
}
