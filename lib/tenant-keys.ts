/**
 * `POST /tenant-keys`: short-lived keys of one tenant, made by a function of its own because its role may write those and
 * nothing else. Other methods are answered by API Gateway, and a browser's preflight with them: the key that this
 * address takes must never be in a page.
 */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { TenantKeysEnv } from '../lambda/tenant-keys/env.ts';
import type { DeployConfig } from './deploy-config.ts';
import type { EdgeApi } from './edge-api.ts';
import { addFixedAnswer } from './fixed-answer.ts';
import { bundledFunction } from './bundled-function.ts';
import { RPC_CODES, rpcErrorBody } from './gateway-responses.ts';
import type { KeyAuthorizer } from './key-authorizer.ts';
import type { TenantStore } from './tenant-store.ts';
import type { Watched } from './watched.ts';

export interface TenantKeysProps {
  readonly edge: EdgeApi;
  readonly keyAuthorizer: KeyAuthorizer;
  readonly store: TenantStore;
  readonly role: iam.Role;
  readonly config: DeployConfig;
  /** Folder with the built bundles. */
  readonly bundles: string;
}

export class TenantKeys extends Construct {
  readonly function: lambda.Function;
  readonly watched: Watched;

  constructor(scope: Construct, id: string, props: TenantKeysProps) {
    super(scope, id);
    const { edge, keyAuthorizer, store, role, config, bundles } = props;
    this.function = bundledFunction(this, 'Function', {
      name: 'tenant-keys',
      bundles,
      description: 'AllMCP: makes short-lived keys of one tenant',
      role,
      environment: { KEYS_TABLE: store.keysTable.tableName } satisfies Record<keyof TenantKeysEnv, string>,
      size: config.functions.admin,
      config,
    });
    this.watched = { functions: [{ function: this.function }], alarms: [] };
    const resource = edge.api.root.addResource('tenant-keys');
    resource.addMethod('POST', new apigateway.LambdaIntegration(this.function, { scopePermissionToMethod: false }), {
      authorizer: keyAuthorizer.authorizer,
      authorizationType: apigateway.AuthorizationType.CUSTOM,
    });
    addFixedAnswer(resource, 'ANY', {
      status: 405,
      headers: { Allow: 'POST' },
      body: rpcErrorBody(
        RPC_CODES.methodNotAllowed,
        'This address takes POST only, from your server: it makes a key of one tenant.',
      ),
    });
  }
}
