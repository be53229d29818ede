/**
 * The roles the functions run with, each with the whole of its data permission. McpRole has none: all it may do is
 * become one of the session roles (session-roles.ts). Log permissions are added beside each function, because
 * log groups live in the other stack.
 */
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { KEY_PARTITIONS, PARTITIONS } from '../adapters/aws/schema.ts';
import { keysTableRows, tenantsTableRows } from './session-policies.ts';
import type { TenantStore } from './tenant-store.ts';

export interface FunctionRolesProps {
  /** The tables whose rows the roles reach. */
  readonly store: TenantStore;
}

export class FunctionRoles extends Construct {
  readonly authorizer: iam.Role;
  readonly mcp: iam.Role;
  readonly admin: iam.Role;
  readonly connect: iam.Role;
  readonly events: iam.Role;
  readonly tenantKeys: iam.Role;

  /** Every one of them, for those who watch them. */
  get all(): readonly iam.Role[] {
    return [this.mcp, this.admin, this.authorizer, this.connect, this.events, this.tenantKeys];
  }

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

    this.mcp = role('McpRole', 'AllMCP: may only become one tenant, or read the apps of its organization');

    this.connect = role('ConnectRole', 'AllMCP: serves the pages that connect accounts; opens no credential');
    for (const statement of connectStatements(store)) this.connect.addToPolicy(statement);

    this.admin = role('AdminRole', 'AllMCP: manages keys and clients, reads counters, opens no credential');
    for (const statement of adminStatements(store)) this.admin.addToPolicy(statement);

    this.events = role('EventsRole', 'AllMCP: delivers events that wait; reads no tenant and opens no credential');
    for (const statement of eventStatements(store)) this.events.addToPolicy(statement);

    this.tenantKeys = role('TenantKeysRole', 'AllMCP: writes short-lived keys of one tenant each, nothing else');
    this.tenantKeys.addToPolicy(tenantKeysStatement(store));
  }
}

/** What waits for a browser is found by the hash of what the browser brings; only this function reads it. */
function connectStatements(store: TenantStore): iam.PolicyStatement[] {
  return [
    tenantsTableRows(store, 'FindPending', ['GetItem', 'DeleteItem'], [`${PARTITIONS.pending}*`]),
    tenantsTableRows(store, 'RememberConsent', ['PutItem'], [`${PARTITIONS.pending}GRANT#*`]),
  ];
}

/** Of every client, because one function delivers for all. What is announced is put there by a tenant's own session. */
function eventStatements(store: TenantStore): iam.PolicyStatement[] {
  return [
    tenantsTableRows(store, 'DeliverEvents', ['Query', 'UpdateItem', 'DeleteItem'], [`${PARTITIONS.outbox}*`]),
    tenantsTableRows(store, 'FindReceivers', ['Query'], [`${PARTITIONS.directory}EVENTS`]),
  ];
}

function adminStatements(store: TenantStore): iam.PolicyStatement[] {
  return [
    keysTableRows(store, 'ManageKeys', ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'], [`${KEY_PARTITIONS.key}*`]),
    tenantsTableRows(
      store,
      'NoTenantPartition',
      ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
      [PARTITIONS.client, PARTITIONS.directory, PARTITIONS.shared, PARTITIONS.app].map((prefix) => `${prefix}*`),
    ),
    new iam.PolicyStatement({
      sid: 'NoPlaintext',
      effect: iam.Effect.DENY,
      actions: ['kms:Decrypt'],
      resources: ['*'],
    }),
  ];
}

/**
 * Put alone, and below one prefix: code that takes this function over makes short-lived keys of tenants at worst, and no
 * client, platform or operator key. What a put replaces is not shown either.
 */
function tenantKeysStatement(store: TenantStore): iam.PolicyStatement {
  return keysTableRows(store, 'WriteTenantKeys', ['PutItem'], [`${KEY_PARTITIONS.tenantKey}*`], {
    StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' },
  });
}
