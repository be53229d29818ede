/** Whose it is: tenants, roles and their policies, the key. */
import type { Mutation } from './mutation.ts';

const POLICIES = 'lib/session-policies.ts';

export const ISOLATION_MUTATIONS: readonly Mutation[] = [
  {
    sentence: 'tenantId gives different tenants different ids, whatever the ids hold.',
    file: 'core/tenant/tenant.ts',
    find: '/[A-Za-z0-9_.@:/+-]/',
    replace: '/[A-Za-z0-9_.@:/+=-]/',
  },
  {
    sentence: 'tenantId is made of parts that are legal STS tag values and never reach into the next part.',
    file: 'core/tenant/tenant.ts',
    find: 'MAX_ENCODED_LENGTH = 90',
    replace: 'MAX_ENCODED_LENGTH = 200',
  },
  {
    sentence: "A tenant's session reads and writes its own partition and no other tenant's.",
    file: POLICIES,
    find: '[`${PARTITIONS.tenant}${OWN_TENANT}`]',
    replace: "[`${PARTITIONS.tenant}${principalTag('client')}#${principalTag('org')}#*`]",
  },
  {
    sentence: "A tenant's session opens and makes envelopes under its own context and no other tenant's.",
    file: POLICIES,
    find: 'TENANT_TAGS.map((tag) => [`kms:EncryptionContext',
    replace: 'APP_TAGS.map((tag) => [`kms:EncryptionContext',
  },
  {
    sentence: "A tenant's session adds to its client's counters and cannot read what another tenant wrote there.",
    file: POLICIES,
    find: "['NONE', 'UPDATED_NEW', 'UPDATED_OLD']",
    replace: "['NONE', 'UPDATED_NEW', 'UPDATED_OLD', 'ALL_OLD']",
  },
  {
    sentence: 'Only the MCP function can become a tenant, and only with all three tags and no other.',
    file: 'lib/data-stack.ts',
    find: 'sessionRoles.grantTenant(roles.mcp);',
    replace: 'sessionRoles.grantTenant(roles.mcp);\n  sessionRoles.grantTenant(roles.admin);',
  },
  {
    sentence: 'A session role is taken on by the functions it is for, with exactly its tags, and by nobody else.',
    file: POLICIES,
    find: "'?*'",
    replace: "'*'",
  },
  {
    sentence: 'The MCP function has no permission on any table or key of its own.',
    file: 'lib/function-roles.ts',
    find: "this.connect = role('ConnectRole'",
    replace:
      "for (const one of connectStatements(store)) this.mcp.addToPolicy(one);\n    this.connect = role('ConnectRole'",
  },
  {
    sentence: 'The authorizer can get one key by its hash and do nothing else.',
    file: 'lib/function-roles.ts',
    find: "actions: ['dynamodb:GetItem'],",
    replace: "actions: ['dynamodb:GetItem', 'dynamodb:Query'],",
  },
  {
    sentence: 'Tenant keys are written by the function that makes them and by no other.',
    file: 'lib/function-roles.ts',
    find: '[`${KEY_PARTITIONS.key}*`]),',
    replace: '[`${KEY_PARTITIONS.key}*`, `${KEY_PARTITIONS.tenantKey}*`]),',
  },
  {
    sentence: "The admin function reaches no tenant's partition and opens no envelope.",
    file: 'lib/function-roles.ts',
    find: '[PARTITIONS.client, PARTITIONS.directory,',
    replace: '[PARTITIONS.tenant, PARTITIONS.client, PARTITIONS.directory,',
  },
  {
    sentence:
      'What waits for a browser is found by the connect function alone, and a tenant can only name whose an invitation is.',
    file: POLICIES,
    find: "'NameInvitations',\n    ['PutItem'],",
    replace: "'NameInvitations',\n    ['PutItem', 'GetItem'],",
  },
  {
    sentence: "An OAuth app's secret is opened for its own organization, client or platform only, and by no tenant.",
    file: POLICIES,
    find: "[principalTag('org'), '='],",
    replace: "[principalTag('org'), '=', 'other'],",
  },
  {
    sentence: 'The secret that signs events is opened for deliveries of its own client, and by nothing else.',
    file: POLICIES,
    find: "StringNotEquals: { 'kms:EncryptionContext:provider': EVENTS_PROVIDER },",
    replace: '',
  },
  {
    sentence: "A function's role reaches nothing from any function but its own, and nothing outside one.",
    file: 'lib/own-functions.ts',
    find: ", 'dynamodb:*'",
    replace: '',
  },
  {
    sentence: 'No role can scan a table, read it in batches, query it with PartiQL or export it.',
    file: POLICIES,
    find: "'OwnPartitionOnly',\n    ['GetItem',",
    replace: "'OwnPartitionOnly',\n    ['BatchGetItem', 'GetItem',",
  },
  {
    sentence: "An account administrator's role is refused when it asks to open or make an envelope.",
    file: 'lib/credential-key.ts',
    find: ", 'kms:CreateGrant'],",
    replace: '],',
  },
  {
    sentence: 'The vault never gives one tenant the plain text of another, cached or not.',
    file: 'core/vault/vault.ts',
    find: '`${tenant}|${provider}|${name}`',
    replace: '`${provider}|${name}`',
  },
];
