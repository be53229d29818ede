/** A page's and an operator's session of one tenant, and who gets it. */
import { PARTITIONS, SESSION_TAGS } from '../../../adapters/aws/schema.ts';
import { own, otherUser, otherOrg, otherClient, tagsOf, appTags, without, dynamo, kms } from './questions.ts';
import { widened, assume, get, put, query, update, andAsk, context, sealed, ticketOwner } from './questions.ts';
import { grant, outbox, type Case } from './questions.ts';
import { writerRole, mcpRole, adminRole, connectRole } from './statements.ts';

const users = `${PARTITIONS.shared}acme#USERS`;
const otherUsers = `${PARTITIONS.shared}rival#USERS`;
const counters = `${PARTITIONS.shared}acme#KEY#k_1`;
const asWriter = [writerRole, tagsOf()] as const;

export const WRITER_ROLE: readonly Case[] = [
  ['a page reads a row of its tenant', true, dynamo('GetItem', get(own), ...asWriter)],
  ['a page lists the rows of its tenant', true, dynamo('Query', query(own), ...asWriter)],
  ['a page writes a row of its tenant', true, dynamo('PutItem', put(own), ...asWriter)],
  ['a page changes a row of its tenant', true, dynamo('UpdateItem', update(own, 'UPDATED_NEW'), ...asWriter)],
  ['a page removes a row of its tenant', true, dynamo('DeleteItem', get(own), ...asWriter)],
  ['a page reads another user', false, dynamo('GetItem', get(otherUser), ...asWriter)],
  ['a page writes to another client', false, dynamo('PutItem', put(otherClient), ...asWriter)],
  ['a page scans the table', false, dynamo('Scan', (TableName) => ({ TableName }), ...asWriter)],
  [
    'a page writes without naming a partition',
    false,
    dynamo('PutItem', (TableName) => ({ TableName, Item: {} }), ...asWriter),
  ],
  [
    'a page removes without naming a partition',
    false,
    dynamo('DeleteItem', (TableName) => ({ TableName, Key: {} }), ...asWriter),
  ],
  [
    'a page gets without naming a partition',
    false,
    dynamo('GetItem', (TableName) => ({ TableName, Key: {} }), ...asWriter),
  ],
  ['an operator names whose an invitation is', true, dynamo('PutItem', put(ticketOwner), ...asWriter)],
  [
    'an operator names whose an invitation is and asks whose it was',
    false,
    dynamo('PutItem', andAsk(put(ticketOwner)), ...asWriter),
  ],
  ['a page forges a consent as its tenant', false, dynamo('PutItem', put(grant), ...asWriter)],
  ['a page announces for its client', true, dynamo('PutItem', put(outbox), ...asWriter)],
  ['a page takes an announcement back', true, dynamo('DeleteItem', get(outbox), ...asWriter)],
  [
    'a page takes an announcement back and asks what it was',
    false,
    dynamo('DeleteItem', andAsk(get(outbox)), ...asWriter),
  ],
  ['a page announces for another client', false, dynamo('PutItem', put(`${PARTITIONS.outbox}rival`), ...asWriter)],
  ['a page notes a user of its client', true, dynamo('UpdateItem', update(users), ...asWriter)],
  ['a page notes a user and asks what was there', false, dynamo('UpdateItem', update(users, 'ALL_OLD'), ...asWriter)],
  ['a page notes a user of another client', false, dynamo('UpdateItem', update(otherUsers), ...asWriter)],
  ['a page reads who has an account', false, dynamo('Query', query(users), ...asWriter)],
  ['a page counts for its client', false, dynamo('UpdateItem', update(counters), ...asWriter)],
  [
    'a page notes without naming a partition',
    false,
    dynamo('UpdateItem', (TableName) => ({ TableName, Key: {} }), ...asWriter),
  ],
  ['a page makes a data key for its tenant', true, kms('GenerateDataKey', context(), ...asWriter)],
  ['a page makes a data key for another user', false, kms('GenerateDataKey', context(otherUser), ...asWriter)],
  ['a page makes a data key for another organization', false, kms('GenerateDataKey', context(otherOrg), ...asWriter)],
  ['a page makes a data key for another client', false, kms('GenerateDataKey', context(otherClient), ...asWriter)],
  ['a page opens an envelope of its tenant', false, kms('Decrypt', context(), ...asWriter)],
  ['a page whose policy was widened opens an envelope', false, widened('Decrypt', context(), writerRole)],
  [
    'a page whose policy was widened seals the secret of an app',
    false,
    widened('GenerateDataKey', sealed({}), writerRole),
  ],
  ['the connect function becomes a page of one tenant', true, assume(tagsOf(), connectRole, writerRole)],
  ['the admin function becomes a page of one tenant', true, assume(tagsOf(), adminRole, writerRole)],
  ['the MCP function becomes a page', false, assume(tagsOf(), mcpRole, writerRole)],
  ...[SESSION_TAGS.client, SESSION_TAGS.org, SESSION_TAGS.user].map((tag): Case => [
    `a page of a tenant without ${tag}`,
    false,
    assume(without(tagsOf(), tag), connectRole, writerRole),
  ]),
  ['an operator of a tenant without a user', false, assume(appTags(), adminRole, writerRole)],
  [
    'an operator of a tenant without a client',
    false,
    assume(without(tagsOf(), SESSION_TAGS.client), adminRole, writerRole),
  ],
  [
    'an operator of a tenant without an organization',
    false,
    assume(without(tagsOf(), SESSION_TAGS.org), adminRole, writerRole),
  ],
  ['an operator with one more tag', false, assume({ ...tagsOf(), extra: 'x' }, adminRole, writerRole)],
  ['a page with one more tag', false, assume({ ...tagsOf(), extra: 'x' }, connectRole, writerRole)],
];
