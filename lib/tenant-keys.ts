/**
 * `POST /tenant-keys`: short-lived keys of one tenant, made by a function of its own because its role may write those and
 * nothing else. Other methods are answered by API Gateway, and a browser's preflight with them: the key that this
 * address takes must never be in a page.
 */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { TenantKeysEnv } from '../lambda/tenant-keys/env.ts';
import type { EdgeApi } from './edge-api.ts';
import { addFixedAnswer } from './fixed-answer.ts';
import { bundledFunction, type BundledFunctionOptions } from './bundled-function.ts';
import { RPC_CODES, rpcErrorBody } from './gateway-responses.ts';
import type { KeyAuthorizer } from './key-authorizer.ts';
import type { TenantStore } from './tenant-store.ts';
import type { Watched } from './watched.ts';

export interface TenantKeysProps extends BundledFunctionOptions {
  /** The API that gets the routes. */
  readonly edge: EdgeApi;
  /** Checks the key before the function runs. */
  readonly keyAuthorizer: KeyAuthorizer;
  /** Where the keys that it makes are kept. */
  readonly store: TenantStore;
}

export class TenantKeys extends Construct {
  readonly function: lambda.Function;
  readonly watched: Watched;

  constructor(scope: Construct, id: string, { edge, keyAuthorizer, store, ...functionOptions }: TenantKeysProps) {
    super(scope, id);
    this.function = bundledFunction(this, 'Function', {
      ...functionOptions,
      name: 'tenant-keys',
      description: 'AllMCP: makes short-lived keys of one tenant',
      environment: { KEYS_TABLE: store.keysTable.tableName } satisfies Record<keyof TenantKeysEnv, string>,
    });
    this.watched = { functions: [{ function: this.function, throttles: true, caught: true }], alarms: [] };
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
