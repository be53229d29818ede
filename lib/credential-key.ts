/**
 * The key that seals credentials, the roles that may use it, and the key's own policy. The policy stands by itself: it
 * denies whatever a role was given too much. Two kinds of secret are kept apart by the user part of their context:
 * credentials of tenants, and secrets of apps, which belong to no user (lambda/core/app-owner.ts).
 */
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { APP_USER } from '../lambda/aws/schema.ts';
import type { DeployConfig } from './deploy-config.ts';
import type { FunctionRoles } from './function-roles.ts';
import {
  APP_TAGS,
  appStatements,
  TENANT_TAGS,
  tenantStatements,
  tenantWriterStatements,
  trustOnly,
  webhookStatements,
} from './session-policies.ts';
import type { TenantStore } from './tenant-store.ts';

export interface CredentialVaultProps {
  readonly store: TenantStore;
  readonly roles: FunctionRoles;
  /**
   * Whether the key outlives its stack. Deleting the key makes every stored credential unreadable for good.
   *
   * @default - retained
   */
  readonly data: DeployConfig['data'];
}

export class CredentialVault extends Construct {
  readonly key: kms.Key;
  /** Opens and seals for one tenant. */
  readonly tenantRole: iam.Role;
  /** Seals and stores for one tenant, and opens nothing. */
  readonly tenantWriterRole: iam.Role;
  /** Opens secrets of the apps of one organization, its client and the platform. */
  readonly appRole: iam.Role;
  /** Opens the secrets that sign one client's events, and no other. */
  readonly webhookRole: iam.Role;

  /** The session roles, for those who watch them. */
  get roles(): readonly iam.Role[] {
    return [this.tenantRole, this.tenantWriterRole, this.appRole, this.webhookRole];
  }

  constructor(scope: Construct, id: string, { store, roles, data }: CredentialVaultProps) {
    super(scope, id);
    this.tenantRole = new iam.Role(this, 'TenantRole', {
      assumedBy: trustOnly([roles.mcp], TENANT_TAGS),
      description: 'AllMCP: one tenant at a time; its session tags say which rows and credentials it reaches',
    });
    this.tenantWriterRole = new iam.Role(this, 'TenantWriterRole', {
      assumedBy: trustOnly([roles.connect, roles.admin], TENANT_TAGS),
      description: 'AllMCP: one tenant at a time; seals and stores a credential, opens none',
    });
    this.appRole = new iam.Role(this, 'AppRole', {
      assumedBy: trustOnly([roles.mcp, roles.connect], APP_TAGS),
      description: 'AllMCP: one organization at a time; its settings, and the secrets of its OAuth apps',
    });
    this.webhookRole = new iam.Role(this, 'WebhookRole', {
      assumedBy: trustOnly([roles.events], APP_TAGS),
      description: 'AllMCP: one client at a time; its webhook and the secrets that sign its events',
    });
    this.key = new kms.Key(this, 'CredentialKey', {
      description: 'AllMCP: seals provider credentials, one data key per connection',
      alias: `alias/allmcp/${Aws.STACK_NAME}`,
      enableKeyRotation: true,
      removalPolicy: data.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    for (const statement of keyStatements(this, roles)) this.key.addToResourcePolicy(statement);
    for (const statement of tenantStatements(store, this.key)) this.tenantRole.addToPolicy(statement);
    for (const statement of tenantWriterStatements(store, this.key)) this.tenantWriterRole.addToPolicy(statement);
    for (const statement of appStatements(store, this.key)) this.appRole.addToPolicy(statement);
    for (const statement of webhookStatements(store, this.key)) this.webhookRole.addToPolicy(statement);
    roles.mcp.addToPolicy(mayBecome('BecomeOneTenant', this.tenantRole));
    roles.mcp.addToPolicy(mayBecome('ReadApps', this.appRole));
    roles.connect.addToPolicy(mayBecome('StoreForOneTenant', this.tenantWriterRole));
    roles.connect.addToPolicy(mayBecome('ReadApps', this.appRole));
    roles.events.addToPolicy(mayBecome('OpenWebhooks', this.webhookRole));
    roles.admin.addToPolicy(mayBecome('ManageOneTenant', this.tenantWriterRole));
    roles.admin.addToPolicy(
      new iam.PolicyStatement({
        sid: 'SealAppSecrets',
        actions: ['kms:GenerateDataKey'],
        resources: [this.key.keyArn],
        conditions: { StringEquals: { 'kms:EncryptionContext:user': APP_USER } },
      }),
    );
  }
}

function mayBecome(sid: string, role: iam.Role): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid, actions: ['sts:AssumeRole', 'sts:TagSession'], resources: [role.roleArn] });
}

/**
 * The account's own statement stays, for administration; these deny whatever opens or makes an envelope. For a session,
 * `aws:PrincipalArn` is the ARN of its role.
 */
function keyStatements(
  { tenantRole, tenantWriterRole, appRole, webhookRole }: CredentialVault,
  { admin }: FunctionRoles,
): iam.PolicyStatement[] {
  const everyone = { effect: iam.Effect.DENY, principals: [new iam.AnyPrincipal()], resources: ['*'] };
  const except = (roles: readonly iam.Role[]) => ({
    ArnNotEquals: { 'aws:PrincipalArn': roles.map(({ roleArn }) => roleArn) },
  });
  return [
    new iam.PolicyStatement({
      ...everyone,
      sid: 'OnlyTenantsAndAppsOpen',
      actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:CreateGrant'],
      conditions: except([tenantRole, appRole, webhookRole]),
    }),
    new iam.PolicyStatement({
      ...everyone,
      sid: 'OnlyTenantsAndAdminSeal',
      actions: ['kms:GenerateDataKey*'],
      conditions: except([tenantRole, tenantWriterRole, admin]),
    }),
    new iam.PolicyStatement({
      ...everyone,
      sid: 'ContextIsMandatory',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      conditions: { Null: { 'kms:EncryptionContextKeys': 'true' } },
    }),
    new iam.PolicyStatement({
      ...everyone,
      sid: 'AppSecretsAreNoTenants',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      conditions: {
        StringEquals: { 'kms:EncryptionContext:user': APP_USER },
        ...except([appRole, webhookRole, admin]),
      },
    }),
    new iam.PolicyStatement({
      ...everyone,
      sid: 'TenantSecretsAreNoApps',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      conditions: {
        StringNotEquals: { 'kms:EncryptionContext:user': APP_USER },
        ArnEquals: { 'aws:PrincipalArn': [appRole, webhookRole, admin].map(({ roleArn }) => roleArn) },
      },
    }),
  ];
}
