/**
 * The key that seals credentials and the one role that may use it. A session of TenantRole carries three tags
 * (client, org, user); every permission it has is compared with them, by DynamoDB on the partition key and by KMS
 * on the encryption context. Removing any statement here opens something: test/lib and the laptop runtime prove it.
 */
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { PARTITIONS, SESSION_TAGS } from '../lambda/aws/schema.ts';
import type { DeployConfig } from './deploy-config.ts';
import type { TenantStore } from './tenant-store.ts';

export interface CredentialVaultProps {
  readonly store: TenantStore;
  /** The only role that may become the tenant role. */
  readonly mcpRole: iam.Role;
  /**
   * Whether the key outlives its stack. Deleting the key makes every stored credential unreadable for good.
   *
   * @default - retained
   */
  readonly data: DeployConfig['data'];
}

export class CredentialVault extends Construct {
  readonly key: kms.Key;
  readonly tenantRole: iam.Role;

  constructor(scope: Construct, id: string, { store, mcpRole, data }: CredentialVaultProps) {
    super(scope, id);
    this.tenantRole = new iam.Role(this, 'TenantRole', {
      assumedBy: trustOnly(mcpRole),
      description: 'AllMCP: one tenant at a time; its session tags say which rows and credentials it reaches',
    });
    this.key = new kms.Key(this, 'CredentialKey', {
      description: 'AllMCP: seals provider credentials, one data key per connection',
      alias: `alias/allmcp/${Aws.STACK_NAME}`,
      enableKeyRotation: true,
      removalPolicy: data.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    for (const statement of keyStatements(this.tenantRole)) this.key.addToResourcePolicy(statement);
    for (const statement of tenantStatements(store, this.key)) this.tenantRole.addToPolicy(statement);
    mcpRole.addToPolicy(
      new iam.PolicyStatement({
        sid: 'BecomeOneTenant',
        actions: ['sts:AssumeRole', 'sts:TagSession'],
        resources: [this.tenantRole.roleArn],
      }),
    );
  }
}

const principalTag = (tag: keyof typeof SESSION_TAGS): string => `\${aws:PrincipalTag/${SESSION_TAGS[tag]}}`;

/** All three tags, none empty, no other: a session that names half a tenant cannot exist. */
function trustOnly(mcpRole: iam.Role): iam.IPrincipal {
  const tags = Object.values(SESSION_TAGS);
  return new iam.ArnPrincipal(mcpRole.roleArn)
    .withConditions({
      StringLike: Object.fromEntries(tags.map((tag) => [`aws:RequestTag/${tag}`, '?*'])),
      'ForAllValues:StringEquals': { 'aws:TagKeys': tags },
      Null: { 'aws:TagKeys': 'false' },
    })
    .withSessionTags();
}

/**
 * The account's own statement stays, for administration; these two deny everything that opens or makes an envelope.
 * `aws:PrincipalArn` of an assumed role is the role's ARN, so every session of TenantRole passes and no one else.
 */
function keyStatements(tenantRole: iam.Role): iam.PolicyStatement[] {
  const everyone = { effect: iam.Effect.DENY, principals: [new iam.AnyPrincipal()], resources: ['*'] };
  return [
    new iam.PolicyStatement({
      ...everyone,
      sid: 'OnlyTheTenantRole',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:CreateGrant'],
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': tenantRole.roleArn } },
    }),
    new iam.PolicyStatement({
      ...everyone,
      sid: 'ContextIsMandatory',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      conditions: { Null: { 'kms:EncryptionContextKeys': 'true' } },
    }),
  ];
}

/** `ForAllValues` holds for a request without leading keys (a Scan), hence the Null guard beside each. */
function tenantStatements(store: TenantStore, key: kms.Key): iam.PolicyStatement[] {
  const guard = { Null: { 'dynamodb:LeadingKeys': 'false' } };
  const tenant = `${PARTITIONS.tenant}${principalTag('client')}#${principalTag('org')}#${principalTag('user')}`;
  return [
    new iam.PolicyStatement({
      sid: 'OwnPartitionOnly',
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:Query'],
      resources: [store.tenantsTable.tableArn],
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [tenant] }, ...guard },
    }),
    new iam.PolicyStatement({
      sid: 'ClientCounters',
      actions: ['dynamodb:UpdateItem'],
      resources: [store.tenantsTable.tableArn],
      conditions: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${PARTITIONS.shared}${principalTag('client')}#*`] },
        ...guard,
        // A whole row would show what another tenant of the client wrote there.
        StringEqualsIfExists: { 'dynamodb:ReturnValues': ['NONE', 'UPDATED_NEW', 'UPDATED_OLD'] },
      },
    }),
    new iam.PolicyStatement({
      sid: 'OwnContextOnly',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: {
        StringEquals: {
          'kms:EncryptionContext:client': principalTag('client'),
          'kms:EncryptionContext:org': principalTag('org'),
          'kms:EncryptionContext:user': principalTag('user'),
        },
      },
    }),
  ];
}
