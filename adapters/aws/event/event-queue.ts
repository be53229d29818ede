/**
 * Waiting events, as the events function sees them: it finds, leases and removes them, and writes no new one. A lease is
 * `next_at` moved on under the condition that nobody else has moved it, so two runs never both have an event. A row that
 * is not as it should be is said in the log and passed over: sessions of tenants write here, and one bad row must not
 * stop the deliveries of its client, or of all.
 */
import { DeleteItemCommand, QueryCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Log } from '../../../core/log.ts';
import type { EventQueue, QueuedEvent } from '../../../core/event/outbox.ts';
import { encodeId } from '../../../core/tenant/tenant.ts';
import { toItem, type Item } from '../attributes.ts';
import { primaryKey, queryRows, unlessRefused } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import { fromEventItem } from './event-item.ts';
import { fromSubscriberItem } from './webhook-item.ts';

/** A page is a megabyte, some two thousand events. Behind more that wait for a later try, a new one waits too. */
const MAX_PAGES = 5;

/** @param deps.dynamodb with the events function's own role. */
export function createEventQueue(deps: {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
  readonly log: Log;
}): EventQueue {
  const { dynamodb, table, log } = deps;
  const keyOf = ({ client, at, id }: QueuedEvent) => primaryKey(itemKeys.outbox.event(encodeId(client), at, id));

  return {
    async subscribers() {
      const rows = await queryRows(dynamodb, table, itemKeys.client.eventDirectories());
      return rows.flatMap((row) => {
        const subscriber = fromSubscriberItem(row);
        if (subscriber !== undefined) return [subscriber];
        log.error('malformed row passed over', { category: 'subscriber' });
        return [];
      });
    },

    async due({ client, since }, now, limit) {
      const { pk, prefix } = itemKeys.outbox.events(encodeId(client));
      const found: QueuedEvent[] = [];
      let start: Item | undefined;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const { Items = [], LastEvaluatedKey } = await dynamodb.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: 'pk = :pk AND sk >= :from',
            FilterExpression: 'next_at <= :now AND #ttl > :seconds',
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: toItem({
              ':pk': pk,
              ':from': `${prefix}${since}`,
              ':now': now,
              ':seconds': Math.floor(now / 1000),
            }),
            ...(start === undefined ? {} : { ExclusiveStartKey: start }),
          }),
        );
        for (const item of Items) {
          const event = fromEventItem(client, item);
          if (event === undefined) log.error('malformed row passed over', { category: 'event', clientId: client });
          else found.push(event);
        }
        start = LastEvaluatedKey;
        if (found.length >= limit || start === undefined) break;
      }
      return found.slice(0, limit);
    },

    async lease(event, until) {
      const leased = await unlessRefused(
        dynamodb.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(event),
            UpdateExpression: 'SET next_at = :until ADD attempts :one',
            ConditionExpression: 'next_at = :seen AND attempts = :attempts',
            ExpressionAttributeValues: toItem({
              ':until': until,
              ':seen': event.dueAt,
              ':attempts': event.attempts,
              ':one': 1,
            }),
          }),
        ),
      );
      return leased ? { ...event, dueAt: until, attempts: event.attempts + 1 } : undefined;
    },

    async retryAt(leased, dueAt) {
      await unlessRefused(
        dynamodb.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(leased),
            UpdateExpression: 'SET next_at = :due',
            // Also: a row that is gone is not made again.
            ConditionExpression: 'next_at = :lease AND attempts = :attempts',
            ExpressionAttributeValues: toItem({
              ':due': dueAt,
              ':lease': leased.dueAt,
              ':attempts': leased.attempts,
            }),
          }),
        ),
      );
    },

    async remove(event) {
      await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: keyOf(event) }));
    },
  };
}
