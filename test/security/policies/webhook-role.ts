/** A session that delivers to one webhook, and who gets it. */
import { tenantTags } from '../../../core/tenant/tenant.ts';
import { PARTITIONS, SESSION_TAGS } from '../../../adapters/aws/schema.ts';
import { solo, tagsOf, appTags, without, dynamo, kms, widened, undenied, assume, get } from './questions.ts';
import { query, update, context, sealed, signing, apps, type Case } from './questions.ts';
import { eventsRole, webhookRole } from './statements.ts';

const asWebhook = [webhookRole, appTags(solo)] as const;

export const WEBHOOK_ROLE: readonly Case[] = [
  ['the events function opens webhooks', true, assume(appTags(solo), eventsRole, webhookRole)],
  ...(
    [without(appTags(solo), SESSION_TAGS.client), without(appTags(solo), SESSION_TAGS.org), tagsOf(solo)] as const
  ).map((tags): Case => [
    'the events function opens webhooks of no client, of no organization, or for a user',
    false,
    assume(tags, eventsRole, webhookRole),
  ]),
  ['a delivery reads the webhook of its client', true, dynamo('GetItem', get(apps), ...asWebhook)],
  ['a delivery lists the apps of its client', false, dynamo('Query', query(apps), ...asWebhook)],
  ['a delivery changes a webhook', false, dynamo('UpdateItem', update(apps), ...asWebhook)],
  [
    'a delivery reads the webhook of another client',
    false,
    dynamo('GetItem', get(`${PARTITIONS.app}rival`), ...asWebhook),
  ],
  [
    'a delivery reads what belongs to the platform',
    false,
    dynamo('GetItem', get(`${PARTITIONS.app}=platform`), ...asWebhook),
  ],
  ['a delivery reads a tenant', false, dynamo('GetItem', get(solo), ...asWebhook)],
  [
    'a delivery gets without naming a partition',
    false,
    dynamo('GetItem', (TableName) => ({ TableName, Key: {} }), ...asWebhook),
  ],
  ['a delivery opens the secret of its client', true, kms('Decrypt', signing('acme'), ...asWebhook)],
  ['a delivery opens the secret of another client', false, kms('Decrypt', signing('rival'), ...asWebhook)],
  [
    'a delivery opens the secret of an organization',
    false,
    kms('Decrypt', { ...signing('acme'), org: 'o1' }, ...asWebhook),
  ],
  ["a delivery opens the secret of its client's app", false, kms('Decrypt', sealed({ client: 'acme' }), ...asWebhook)],
  ["a delivery opens the platform's app", false, kms('Decrypt', sealed({}), ...asWebhook)],
  ['a delivery opens a credential', false, kms('Decrypt', context(solo), ...asWebhook)],
  ['a delivery whose policy was widened opens a credential', false, widened('Decrypt', context(), webhookRole)],
  [
    'a delivery whose policy was widened seals a secret',
    false,
    widened('GenerateDataKey', signing('acme'), webhookRole),
  ],
  ['a delivery opens a credential under a weak key', false, undenied('Decrypt', context(solo), ...asWebhook)],
  [
    "a delivery opens what seems a tenant's webhook under a weak key",
    false,
    undenied('Decrypt', { ...signing('acme'), user: tenantTags(solo).user }, ...asWebhook),
  ],
];
