/**
 * What a session may do. It carries tags, and every permission is compared with them: by DynamoDB on the partition key,
 * by KMS on the encryption context. Removing any statement or condition here opens something:
 * test/security/template-policies.test.ts proves it for each.
 */
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { PARTITIONS, SESSION_TAGS } from '../adapters/aws/schema.ts';
import { APP_USER, EVENTS_PROVIDER, PLATFORM } from '../core/vault/app-owner.ts';
import type { TenantStore } from './tenant-store.ts';

type Tag = keyof typeof SESSION_TAGS;

/** A session of one tenant. */
export const TENANT_TAGS: readonly Tag[] = ['client', 'org', 'user'];
/** A session that reads what an organization's pages need, or a client's deliveries; it is nobody's in particular. */
export const APP_TAGS: readonly Tag[] = ['client', 'org'];

const principalTag = (tag: Tag): string => `\${aws:PrincipalTag/${SESSION_TAGS[tag]}}`;
const OWN_TENANT = `${principalTag('client')}#${principalTag('org')}#${principalTag('user')}`;

/** All of the tags, none empty, no other: a session that names half a tenant cannot exist. */
export function withEveryTag(role: iam.IRole, tags: readonly Tag[]): iam.PrincipalBase {
  const keys = tags.map((tag) => SESSION_TAGS[tag]);
  const conditions = {
    StringLike: Object.fromEntries(keys.map((key) => [`aws:RequestTag/${key}`, '?*'])),
    'ForAllValues:StringEquals': { 'aws:TagKeys': keys },
    Null: { 'aws:TagKeys': 'false' },
  };
  return new iam.ArnPrincipal(role.roleArn).withConditions(conditions).withSessionTags();
}

/** What the MCP function does for a tenant: everything with the tenant's own rows. */
export function tenantRows(store: TenantStore): readonly iam.PolicyStatement[] {
  return [
    ownPartition(store),
    tenantsTableRows(store, 'ClientCounters', ['UpdateItem'], [`${PARTITIONS.shared}${principalTag('client')}#*`], {
      // A whole row would show what another tenant of the client wrote there.
      StringEqualsIfExists: { 'dynamodb:ReturnValues': ['NONE', 'UPDATED_NEW', 'UPDATED_OLD'] },
    }),
    invitations(store),
    events(store),
  ];
}

/** What a page does for a tenant: it stores, and announces what it stored. */
export function tenantWriterRows(store: TenantStore): readonly iam.PolicyStatement[] {
  return [ownPartition(store), invitations(store), events(store), users(store)];
}

/** What a consent needs of the organization, its client and the platform: settings and apps. */
export function appRows(store: TenantStore): iam.PolicyStatement {
  return tenantsTableRows(
    store,
    'OwnAppsOnly',
    ['GetItem', 'Query'],
    [`${PARTITIONS.app}${principalTag('client')}`, `${PARTITIONS.app}${PLATFORM}`],
  );
}

/** What a delivery needs of the client: where its events go. */
export function webhookRows(store: TenantStore): iam.PolicyStatement {
  return tenantsTableRows(store, 'OwnWebhookOnly', ['GetItem'], [`${PARTITIONS.app}${principalTag('client')}`]);
}

/** Credentials of the tenant that the session is for, and of no other. */
export function tenantSecrets(key: kms.IKey, actions: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'OwnContextOnly',
    actions,
    resources: [key.keyArn],
    conditions: {
      StringEquals: Object.fromEntries(
        TENANT_TAGS.map((tag) => [`kms:EncryptionContext:${tag}`, principalTag(tag)] as const),
      ),
    },
  });
}

/** Secrets of the OAuth apps of the organization, its client and the platform. */
export function appSecrets(key: kms.IKey): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'OwnAppSecretsOnly',
    actions: ['kms:Decrypt'],
    resources: [key.keyArn],
    conditions: {
      StringEquals: {
        'kms:EncryptionContext:client': [principalTag('client'), PLATFORM],
        // `=` is a client's own app, or the platform's.
        'kms:EncryptionContext:org': [principalTag('org'), '='],
        'kms:EncryptionContext:user': APP_USER,
      },
      // Who exchanges codes and tokens signs no events.
      StringNotEquals: { 'kms:EncryptionContext:provider': EVENTS_PROVIDER },
    },
  });
}

/** The secrets that sign the client's events, and no OAuth app's. */
export function webhookSecrets(key: kms.IKey): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'OwnWebhookSecretsOnly',
    actions: ['kms:Decrypt'],
    resources: [key.keyArn],
    conditions: {
      StringEquals: {
        'kms:EncryptionContext:client': principalTag('client'),
        'kms:EncryptionContext:org': principalTag('org'),
        'kms:EncryptionContext:user': APP_USER,
        'kms:EncryptionContext:provider': EVENTS_PROVIDER,
      },
    },
  });
}

function ownPartition(store: TenantStore): iam.PolicyStatement {
  return tenantsTableRows(
    store,
    'OwnPartitionOnly',
    ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
    [`${PARTITIONS.tenant}${OWN_TENANT}`],
  );
}

/** Who an invitation belongs to. A forged row opens nothing: the invitation itself is in a tenant's own partition. */
function invitations(store: TenantStore): iam.PolicyStatement {
  return tenantsTableRows(
    store,
    'NameInvitations',
    ['PutItem'],
    [`${PARTITIONS.pending}TICKET#*`],
    ANSWERED_WITH_NOTHING,
  );
}

function events(store: TenantStore): iam.PolicyStatement {
  const partition = `${PARTITIONS.outbox}${principalTag('client')}`;
  return tenantsTableRows(store, 'AnnounceForClient', ['PutItem', 'DeleteItem'], [partition], ANSWERED_WITH_NOTHING);
}

/** Who of the client has an account. TenantRole writes it as it writes all counters of its client. */
function users(store: TenantStore): iam.PolicyStatement {
  const partition = `${PARTITIONS.shared}${principalTag('client')}#USERS`;
  return tenantsTableRows(store, 'NoteUsers', ['UpdateItem'], [partition], ANSWERED_WITH_NOTHING);
}

/** An old row that a write answers with would show what another tenant wrote there. */
const ANSWERED_WITH_NOTHING = { StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' } };

/** A statement about partitions of the Tenants table. */
export function tenantsTableRows(store: TenantStore, ...statement: StatementParts): iam.PolicyStatement {
  return inPartitions(store.tenantsTable.tableArn, ...statement);
}

/** A statement about partitions of the Keys table. */
export function keysTableRows(store: TenantStore, ...statement: StatementParts): iam.PolicyStatement {
  return inPartitions(store.keysTable.tableArn, ...statement);
}

type StatementParts = [
  sid: string,
  actions: readonly string[],
  partitions: readonly string[],
  more?: Readonly<Record<string, unknown>>,
];

/** `ForAllValues` holds for a request without leading keys (a Scan), hence the Null guard beside it. */
function inPartitions(table: string, ...[sid, actions, partitions, more]: StatementParts): iam.PolicyStatement {
  const operator = partitions.some((one) => one.endsWith('*')) ? 'StringLike' : 'StringEquals';
  return new iam.PolicyStatement({
    sid,
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [table],
    conditions: {
      [`ForAllValues:${operator}`]: { 'dynamodb:LeadingKeys': partitions },
      Null: { 'dynamodb:LeadingKeys': 'false' },
      ...more,
    },
  });
}
