/**
 * The roles that are assumed for one tenant, or one organization, at a time, each with the rows it reaches. What it opens
 * and seals is added by the key (credential-key.ts). A grant writes both halves of an assumption at once: the trust of
 * the session role, and the permission of the role that assumes it.
 */
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import {
  APP_TAGS,
  appRows,
  TENANT_TAGS,
  tenantRows,
  tenantWriterRows,
  webhookRows,
  withEveryTag,
} from './session-policies.ts';
import type { TenantStore } from './tenant-store.ts';

export interface SessionRolesProps {
  /** The tables whose rows the sessions reach. */
  readonly store: TenantStore;
}

/** No construct of its own: the roles stand directly under `scope`, where their logical ids come from. */
export class SessionRoles {
  /** Opens and seals for one tenant. */
  readonly tenant: iam.Role;
  /** Seals and stores for one tenant, and opens nothing. */
  readonly tenantWriter: iam.Role;
  /** Opens secrets of the apps of one organization, its client and the platform. */
  readonly app: iam.Role;
  /** Opens the secrets that sign one client's events, and no other. */
  readonly webhook: iam.Role;

  /** Every one of them, for those who watch them. */
  get all(): readonly iam.Role[] {
    return [this.tenant, this.tenantWriter, this.app, this.webhook];
  }

  constructor(scope: Construct, { store }: SessionRolesProps) {
    const role = (id: string, description: string, statements: readonly iam.PolicyStatement[]): iam.Role => {
      const session = new iam.Role(scope, id, { assumedBy: new NobodyYet(), description });
      for (const statement of statements) session.addToPolicy(statement);
      return session;
    };
    this.tenant = role(
      'TenantRole',
      'AllMCP: one tenant at a time; its session tags say which rows and credentials it reaches',
      tenantRows(store),
    );
    this.tenantWriter = role(
      'TenantWriterRole',
      'AllMCP: one tenant at a time; seals and stores a credential, opens none',
      tenantWriterRows(store),
    );
    this.app = role('AppRole', 'AllMCP: one organization at a time; its settings, and the secrets of its OAuth apps', [
      appRows(store),
    ]);
    this.webhook = role(
      'WebhookRole',
      'AllMCP: one client at a time; its webhook and the secrets that sign its events',
      [webhookRows(store)],
    );
  }

  /** `role` may become one tenant, and open what it stored. */
  grantTenant(role: iam.Role): void {
    grant(this.tenant, role, TENANT_TAGS, 'BecomeOneTenant');
  }

  /** `role` may store for one tenant, and open nothing. `sid` says in its policy what for. */
  grantTenantWriter(role: iam.Role, sid: 'StoreForOneTenant' | 'ManageOneTenant'): void {
    grant(this.tenantWriter, role, TENANT_TAGS, sid);
  }

  /** `role` may read the apps of one organization, with their secrets. */
  grantApp(role: iam.Role): void {
    grant(this.app, role, APP_TAGS, 'ReadApps');
  }

  /** `role` may read one client's webhook, with the secrets that sign its events. */
  grantWebhook(role: iam.Role): void {
    grant(this.webhook, role, APP_TAGS, 'OpenWebhooks');
  }
}

function grant(session: iam.Role, role: iam.Role, tags: typeof TENANT_TAGS, sid: string): void {
  if (session.assumeRolePolicy === undefined) throw new Error(`${session.node.path} has no trust policy to add to`);
  withEveryTag(role, tags).addToAssumeRolePolicy(session.assumeRolePolicy);
  role.addToPolicy(
    new iam.PolicyStatement({ sid, actions: ['sts:AssumeRole', 'sts:TagSession'], resources: [session.roleArn] }),
  );
}

/** The library wants to know at once who assumes a role; here each grant adds that. */
class NobodyYet extends iam.PrincipalBase {
  readonly policyFragment = new iam.PrincipalPolicyFragment({});

  override addToAssumeRolePolicy(): void {
    // A role that was granted to nobody trusts nobody, and CloudFormation refuses it.
  }

  override dedupeString(): undefined {
    return undefined;
  }
}
