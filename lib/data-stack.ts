/**
 * AllMcp-Data: what must survive every deployment. Tables, the credential key, and the roles that the key policy
 * and the trust policy name; keeping the roles here is what keeps the two stacks free of a cycle.
 */
import { Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CredentialKey } from './credential-key.ts';
import type { DeployConfig } from './deploy-config.ts';
import { FunctionRoles } from './function-roles.ts';
import { SessionRoles } from './session-roles.ts';
import { TenantStore } from './tenant-store.ts';

/** What the service needs of the data: handed over as objects, never as names. */
export interface Data {
  /** The tables. */
  readonly store: TenantStore;
  /** The roles of functions. */
  readonly roles: FunctionRoles;
  /** The roles of one tenant, or one organization, at a time. */
  readonly sessionRoles: SessionRoles;
  /** The key that seals credentials. */
  readonly credentialKey: CredentialKey;
}

/** Creates the data constructs directly under `scope`, so that a stack and an embedding construct share one shape. */
export function composeData(scope: Construct, config: DeployConfig): Data {
  const store = new TenantStore(scope, 'TenantStore', config.data);
  const roles = new FunctionRoles(scope, 'FunctionRoles', { store });
  // Logical ids come from this name: a vault is what the session roles and the key are together.
  const vault = new Construct(scope, 'CredentialVault');
  const sessionRoles = new SessionRoles(vault, { store });
  sessionRoles.grantTenant(roles.mcp);
  sessionRoles.grantApp(roles.mcp);
  sessionRoles.grantTenantWriter(roles.connect, 'StoreForOneTenant');
  sessionRoles.grantApp(roles.connect);
  sessionRoles.grantWebhook(roles.events);
  sessionRoles.grantTenantWriter(roles.admin, 'ManageOneTenant');
  const credentialKey = new CredentialKey(vault, 'CredentialKey', {
    sessionRoles,
    appSealer: roles.admin,
    retain: config.data.retain,
  });
  return { store, roles, sessionRoles, credentialKey };
}

export interface DataStackProps extends StackProps {
  /** Every knob of the deployment; each construct is told its own. */
  readonly config: DeployConfig;
}

export class DataStack extends Stack {
  readonly data: Data;

  constructor(scope: Construct, id: string, { config, ...props }: DataStackProps) {
    super(scope, id, {
      description: 'AllMCP data: tables, credential key and roles. Deleting this stack keeps the tables and the key.',
      terminationProtection: config.data.retain,
      ...props,
    });
    this.data = composeData(this, config);
  }
}
