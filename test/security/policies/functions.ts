/** The functions as themselves, and an administrator of the account. */
import { PARTITIONS } from '../../../adapters/aws/schema.ts';
import { own, tagsOf, dynamo, kms, get, put, query, update, context, sealed, ticketOwner } from './questions.ts';
import { grant, outbox, apps, type Case } from './questions.ts';
import { mcpRole, adminRole, connectRole, eventsRole, ADMINISTRATOR } from './statements.ts';

const asConnect = [connectRole, {}] as const;
const asEvents = [eventsRole, {}] as const;
const receivers = `${PARTITIONS.directory}EVENTS`;

export const FUNCTIONS: readonly Case[] = [
  ['an administrator of the account opens an envelope', false, kms('Decrypt', context(), ADMINISTRATOR)],
  ['an administrator makes a data key', false, kms('GenerateDataKey', context(), ADMINISTRATOR)],
  ['an administrator hands the key on by a grant', false, kms('CreateGrant', {}, ADMINISTRATOR)],
  ['an administrator looks at the key', true, kms('DescribeKey', {}, ADMINISTRATOR)],
  ['the admin function opens an envelope', false, kms('Decrypt', context(), adminRole)],
  ['the MCP function opens an envelope as itself', false, kms('Decrypt', context(), mcpRole)],
  ['the MCP function reads a row as itself', false, dynamo('GetItem', get(own), mcpRole)],
  ['the MCP function reads a row as itself with forged tags', false, dynamo('GetItem', get(own), mcpRole, tagsOf())],
  ['the admin function reads a tenant', false, dynamo('GetItem', get(own), adminRole, {})],
  ['the admin function lists a client', true, dynamo('Query', query(`${PARTITIONS.client}acme`), adminRole, {})],
  ['the connect function finds an invitation', true, dynamo('GetItem', get(ticketOwner), ...asConnect)],
  ['the connect function lists invitations', false, dynamo('Query', query(ticketOwner), ...asConnect)],
  ['the connect function names whose an invitation is', false, dynamo('PutItem', put(ticketOwner), ...asConnect)],
  ['the connect function remembers a consent', true, dynamo('PutItem', put(grant), ...asConnect)],
  ['the connect function takes a consent', true, dynamo('DeleteItem', get(grant), ...asConnect)],
  ['the connect function reads a tenant', false, dynamo('GetItem', get(own), ...asConnect)],
  ['the connect function writes to a tenant as itself', false, dynamo('PutItem', put(own), ...asConnect)],
  [
    'the connect function gets without naming a partition',
    false,
    dynamo('GetItem', (TableName) => ({ TableName, Key: {} }), ...asConnect),
  ],
  [
    'the connect function puts without naming a partition',
    false,
    dynamo('PutItem', (TableName) => ({ TableName, Item: {} }), ...asConnect),
  ],
  ['the connect function makes a data key as itself', false, kms('GenerateDataKey', context(), ...asConnect)],
  ['the events function finds what waits', true, dynamo('Query', query(outbox), ...asEvents)],
  ['the events function takes the right to deliver', true, dynamo('UpdateItem', update(outbox), ...asEvents)],
  ['the events function removes what is delivered', true, dynamo('DeleteItem', get(outbox), ...asEvents)],
  ['the events function announces', false, dynamo('PutItem', put(outbox), ...asEvents)],
  ['the events function finds who receives', true, dynamo('Query', query(receivers), ...asEvents)],
  ['the events function makes a receiver', false, dynamo('PutItem', put(receivers), ...asEvents)],
  ['the events function lists clients', false, dynamo('Query', query(`${PARTITIONS.directory}CLIENTS`), ...asEvents)],
  ['the events function reads a tenant', false, dynamo('Query', query(own), ...asEvents)],
  ['the events function changes a tenant', false, dynamo('UpdateItem', update(own), ...asEvents)],
  ['the events function reads a webhook as itself', false, dynamo('Query', query(apps), ...asEvents)],
  [
    'the events function lists without naming a partition',
    false,
    dynamo('Query', (TableName) => ({ TableName }), ...asEvents),
  ],
  ['the events function opens an envelope as itself', false, kms('Decrypt', sealed({}), ...asEvents)],
  ['the admin function seals the secret of an app', true, kms('GenerateDataKey', sealed({}), adminRole)],
  ['the admin function reads it back', false, kms('Decrypt', sealed({}), adminRole)],
  ['the admin function makes a data key for a tenant', false, kms('GenerateDataKey', context(), adminRole)],
];
