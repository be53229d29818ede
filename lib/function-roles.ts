/**
 * The roles the functions run with, each with the whole of its data permission. McpRole has none: all it may do is
 * become TenantRole for one tenant (credential-vault.ts). Log permissions are added beside each function, because
 * log groups live in the other stack.
 */
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PARTITIONS } from '../lambda/aws/schema.ts';
import type { TenantStore } from './tenant-store.ts';

export interface FunctionRolesProps {
  readonly store: TenantStore;
}

export class FunctionRoles extends Construct {
  readonly authorizer: iam.Role;
  readonly mcp: iam.Role;
  readonly admin: iam.Role;

  constructor(scope: Construct, id: string, { store }: FunctionRolesProps) {
    super(scope, id);
    const role = (roleId: string, description: string): iam.Role =>
      new iam.Role(this, roleId, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), description });

    this.authorizer = role('AuthorizerRole', 'AllMCP: looks up the hash of a presented key, nothing else');
    this.authorizer.addToPolicy(
      new iam.PolicyStatement({
        sid: 'LookUpKey',
        actions: ['dynamodb:GetItem'],
        resources: [store.keysTable.tableArn],
      }),
    );

    this.mcp = role('McpRole', 'AllMCP: may only become the tenant role, for one tenant at a time');

    this.admin = role('AdminRole', 'AllMCP: manages keys and clients, reads counters, opens no credential');
    for (const statement of adminStatements(store)) this.admin.addToPolicy(statement);
  }
}

function adminStatements(store: TenantStore): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      sid: 'ManageKeys',
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      resources: [store.keysTable.tableArn],
    }),
    new iam.PolicyStatement({
      sid: 'NoTenantPartition',
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:Query'],
      resources: [store.tenantsTable.tableArn],
      conditions: {
        'ForAllValues:StringLike': {
          'dynamodb:LeadingKeys': [PARTITIONS.client, PARTITIONS.directory, PARTITIONS.shared].map((p) => `${p}*`),
        },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    }),
    new iam.PolicyStatement({
      sid: 'NoPlaintext',
      effect: iam.Effect.DENY,
      actions: ['kms:Decrypt'],
      resources: ['*'],
    }),
  ];
}
