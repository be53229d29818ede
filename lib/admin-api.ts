/**
 * `/admin/v1` and the function that mints the first operator key. The latter has no route: only a principal with
 * lambda:InvokeFunction in this account reaches it.
 */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { AdminEnv } from '../lambda/admin/env.ts';
import type { BootstrapEnv } from '../lambda/bootstrap/env.ts';
import type { CredentialKey } from './credential-key.ts';
import type { DeployConfig } from './deploy-config.ts';
import type { EdgeApi } from './edge-api.ts';
import { bundledFunction } from './bundled-function.ts';
import type { KeyAuthorizer } from './key-authorizer.ts';
import type { SessionRoles } from './session-roles.ts';
import type { TenantStore } from './tenant-store.ts';
import { functionErrors, type Watched } from './watched.ts';

export interface AdminApiProps {
  readonly edge: EdgeApi;
  readonly keyAuthorizer: KeyAuthorizer;
  readonly store: TenantStore;
  readonly sessionRoles: SessionRoles;
  readonly credentialKey: CredentialKey;
  readonly role: iam.Role;
  readonly config: DeployConfig;
  /** Folder with the built bundles. */
  readonly bundles: string;
}

export class AdminApi extends Construct {
  readonly function: lambda.Function;
  /** Invoked with IAM only, by `npm run -s allmcp -- bootstrap`. */
  readonly bootstrap: lambda.Function;
  readonly watched: Watched;

  constructor(scope: Construct, id: string, props: AdminApiProps) {
    super(scope, id);
    const { edge, keyAuthorizer, store, sessionRoles, credentialKey, role, config, bundles } = props;
    const tables = { KEYS_TABLE: store.keysTable.tableName, TENANTS_TABLE: store.tenantsTable.tableName };
    const alike = { bundles, role, size: config.functions.admin, config };
    this.function = bundledFunction(this, 'Function', {
      ...alike,
      name: 'admin',
      description: 'AllMCP: the admin API',
      environment: {
        ...tables,
        CREDENTIAL_KEY_ARN: credentialKey.keyArn,
        TENANT_WRITER_ROLE_ARN: sessionRoles.tenantWriter.roleArn,
        PUBLIC_URL: config.publicUrl ?? '',
      } satisfies Record<keyof AdminEnv, string>,
    });
    this.bootstrap = bundledFunction(this, 'Bootstrap', {
      ...alike,
      name: 'bootstrap',
      description: 'AllMCP: mints the first operator key; reached with IAM only',
      environment: tables satisfies Record<keyof BootstrapEnv, string>,
    });
    this.watched = {
      functions: [{ function: this.function }, { function: this.bootstrap, onDashboard: false }],
      alarms: [
        functionErrors(
          'AdminErrors',
          this.function,
          'The admin function crashed or timed out. Next: read its log for the first error.',
        ),
      ],
    };
    edge.api.root
      .addResource('admin')
      .addResource('v1')
      .addResource('{proxy+}')
      .addMethod('ANY', new apigateway.LambdaIntegration(this.function, { scopePermissionToMethod: false }), {
        authorizer: keyAuthorizer.authorizer,
        authorizationType: apigateway.AuthorizationType.CUSTOM,
      });
  }
}
