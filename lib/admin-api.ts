/**
 * `/admin/v1` and the function that mints the first operator key. The latter has no route: only a principal with
 * lambda:InvokeFunction in this account reaches it.
 */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { AdminEnv } from '../lambda/admin/env.ts';
import type { BootstrapEnv } from '../lambda/bootstrap/env.ts';
import type { EdgeApi } from './edge-api.ts';
import { bundledFunction, unreserved, type BundledFunctionOptions } from './bundled-function.ts';
import type { KeyAuthorizer } from './key-authorizer.ts';
import type { SessionRoles } from './session-roles.ts';
import type { TenantStore } from './tenant-store.ts';
import { functionErrors, type Watched } from './watched.ts';

export interface AdminApiProps extends BundledFunctionOptions {
  /** The API that gets the routes. */
  readonly edge: EdgeApi;
  /** Checks the key before the function runs. */
  readonly keyAuthorizer: KeyAuthorizer;
  /** What is managed: keys, clients, counters and settings. */
  readonly store: TenantStore;
  /** The writer stores for one tenant. */
  readonly sessionRoles: SessionRoles;
  /** The key that seals secrets of apps. */
  readonly credentialKey: kms.IKey;
  /**
   * Where people reach this deployment, when a domain of yours leads to it.
   *
   * @default - the address that API Gateway gives
   */
  readonly publicUrl?: string | undefined;
}

export class AdminApi extends Construct {
  readonly function: lambda.Function;
  /** Invoked with IAM only, by `npm run -s allmcp -- bootstrap`. */
  readonly bootstrap: lambda.Function;
  readonly watched: Watched;

  constructor(scope: Construct, id: string, props: AdminApiProps) {
    super(scope, id);
    const { edge, keyAuthorizer, store, sessionRoles, credentialKey, publicUrl = '', ...functionOptions } = props;
    const tables = { KEYS_TABLE: store.keysTable.tableName, TENANTS_TABLE: store.tenantsTable.tableName };
    this.function = bundledFunction(this, 'Function', {
      ...functionOptions,
      name: 'admin',
      description: 'AllMCP: the admin API',
      environment: {
        ...tables,
        CREDENTIAL_KEY_ARN: credentialKey.keyArn,
        TENANT_WRITER_ROLE_ARN: sessionRoles.tenantWriter.roleArn,
        PUBLIC_URL: publicUrl,
      } satisfies Record<keyof AdminEnv, string>,
    });
    this.bootstrap = bundledFunction(this, 'Bootstrap', {
      ...functionOptions,
      size: unreserved(functionOptions.size),
      name: 'bootstrap',
      description: 'AllMCP: mints the first operator key; reached with IAM only',
      environment: tables satisfies Record<keyof BootstrapEnv, string>,
    });
    this.watched = {
      functions: [
        { function: this.function, throttles: true, caught: true },
        { function: this.bootstrap, onDashboard: false },
      ],
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
