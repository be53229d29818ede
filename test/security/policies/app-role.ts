/** A session that reads OAuth apps, and who gets it. */
import { PARTITIONS, SESSION_TAGS } from '../../../adapters/aws/schema.ts';
import { own, solo, tagsOf, appTags, without, dynamo, kms, widened, undenied, assume, get } from './questions.ts';
import { put, query, context, sealed, signing, apps, type Case } from './questions.ts';
import { appRole, mcpRole, adminRole, connectRole, eventsRole, webhookRole } from './statements.ts';

const asApp = [appRole, appTags()] as const;

export const APP_ROLE: readonly Case[] = [
  ['the connect function reads apps', true, assume(appTags(), connectRole, appRole)],
  ['the admin function reads apps', false, assume(appTags(), adminRole, appRole)],
  ['the MCP function reads apps', true, assume(appTags(), mcpRole, appRole)],
  ...[mcpRole, connectRole].flatMap((role): Case[] => [
    ['apps of no client', false, assume(without(appTags(), SESSION_TAGS.client), role, appRole)],
    ['apps of no organization', false, assume(without(appTags(), SESSION_TAGS.org), role, appRole)],
    ['apps for a user', false, assume(tagsOf(), role, appRole)],
    ['webhooks by who reads apps', false, assume(appTags(solo), role, webhookRole)],
  ]),
  ['the events function reads apps', false, assume(appTags(solo), eventsRole, appRole)],
  ['a session of apps reads those of its client', true, dynamo('GetItem', get(apps), ...asApp)],
  ['a session of apps lists those of its client', true, dynamo('Query', query(apps), ...asApp)],
  [
    'a session of apps reads those of the platform',
    true,
    dynamo('GetItem', get(`${PARTITIONS.app}=platform`), ...asApp),
  ],
  [
    'a session of apps reads those of another client',
    false,
    dynamo('GetItem', get(`${PARTITIONS.app}rival`), ...asApp),
  ],
  ['a session of apps writes', false, dynamo('PutItem', put(apps), ...asApp)],
  ['a session of apps reads a tenant', false, dynamo('GetItem', get(own), ...asApp)],
  [
    'a session of apps gets without naming a partition',
    false,
    dynamo('GetItem', (TableName) => ({ TableName, Key: {} }), ...asApp),
  ],
  [
    "a session of apps opens its organization's secret",
    true,
    kms('Decrypt', sealed({ client: 'acme', org: 'o1' }), ...asApp),
  ],
  ["a session of apps opens its client's secret", true, kms('Decrypt', sealed({ client: 'acme' }), ...asApp)],
  ["a session of apps opens the platform's secret", true, kms('Decrypt', sealed({}), ...asApp)],
  [
    "a session of apps opens another organization's secret",
    false,
    kms('Decrypt', sealed({ client: 'acme', org: 'o2' }), ...asApp),
  ],
  ["a session of apps opens another client's secret", false, kms('Decrypt', sealed({ client: 'rival' }), ...asApp)],
  ['a session of apps opens the secret of a webhook', false, kms('Decrypt', signing('acme'), ...asApp)],
  ['a session of apps opens a credential', false, kms('Decrypt', context(), ...asApp)],
  ['a session of apps whose policy was widened opens a credential', false, widened('Decrypt', context(), appRole)],
  ['a session of apps whose policy was widened seals a secret', false, widened('GenerateDataKey', sealed({}), appRole)],
  ['a session of apps opens a credential under a weak key', false, undenied('Decrypt', context(), ...asApp)],
];
