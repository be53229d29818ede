/**
 * The key that seals credentials, and who may use it. Its own policy stands by itself: it denies whatever a role was given
 * too much. Two kinds of secret are kept apart by the user part of their context: credentials of tenants, and secrets of
 * apps, which belong to no user (core/vault/app-owner.ts).
 */
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { APP_USER } from '../core/vault/app-owner.ts';
import { appSecrets, tenantSecrets, webhookSecrets } from './session-policies.ts';
import type { SessionRoles } from './session-roles.ts';

export interface CredentialKeyProps {
  /** The roles that open and seal, each what its tags name. */
  readonly sessionRoles: SessionRoles;
  /** The role that seals secrets of apps, and opens none. */
  readonly appSealer: iam.Role;
  /**
   * Whether the key outlives its stack. Deleting the key makes every stored credential unreadable for good.
   *
   * @default true
   */
  readonly retain?: boolean;
}

export class CredentialKey extends kms.Key {
  constructor(scope: Construct, id: string, { sessionRoles, appSealer, retain = true }: CredentialKeyProps) {
    super(scope, id, {
      description: 'AllMCP: seals provider credentials, one data key per connection',
      alias: `alias/allmcp/${Aws.STACK_NAME}`,
      enableKeyRotation: true,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    for (const statement of denials(sessionRoles, appSealer)) this.addToResourcePolicy(statement);
    sessionRoles.tenant.addToPolicy(tenantSecrets(this, ['kms:Decrypt', 'kms:GenerateDataKey']));
    sessionRoles.tenantWriter.addToPolicy(tenantSecrets(this, ['kms:GenerateDataKey']));
    sessionRoles.app.addToPolicy(appSecrets(this));
    sessionRoles.webhook.addToPolicy(webhookSecrets(this));
    appSealer.addToPolicy(
      new iam.PolicyStatement({
        sid: 'SealAppSecrets',
        actions: ['kms:GenerateDataKey'],
        resources: [this.keyArn],
        conditions: { StringEquals: { 'kms:EncryptionContext:user': APP_USER } },
      }),
    );
  }
}

/**
 * The account's own statement stays, for administration; these deny whatever opens or makes an envelope. For a session,
 * `aws:PrincipalArn` is the ARN of its role.
 */
function denials({ tenant, tenantWriter, app, webhook }: SessionRoles, appSealer: iam.Role): iam.PolicyStatement[] {
  const everyone = { effect: iam.Effect.DENY, principals: [new iam.AnyPrincipal()], resources: ['*'] };
  const except = (roles: readonly iam.Role[]) => ({
    ArnNotEquals: { 'aws:PrincipalArn': roles.map(({ roleArn }) => roleArn) },
  });
  return [
    new iam.PolicyStatement({
      ...everyone,
      sid: 'OnlyTenantsAndAppsOpen',
      actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:CreateGrant'],
      conditions: except([tenant, app, webhook]),
    }),
    new iam.PolicyStatement({
      ...everyone,
      sid: 'OnlyTenantsAndAdminSeal',
      actions: ['kms:GenerateDataKey*'],
      conditions: except([tenant, tenantWriter, appSealer]),
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
        ...except([app, webhook, appSealer]),
      },
    }),
    new iam.PolicyStatement({
      ...everyone,
      sid: 'TenantSecretsAreNoApps',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      conditions: {
        StringNotEquals: { 'kms:EncryptionContext:user': APP_USER },
        ArnEquals: { 'aws:PrincipalArn': [app, webhook, appSealer].map(({ roleArn }) => roleArn) },
      },
    }),
  ];
}
