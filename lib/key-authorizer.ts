/**
 * The key check in front of `/mcp` and `/admin/v1`. No identity source and no result cache: the key may be in either
 * of two headers, the answer depends on the query too, and a revoked key must fail on its next request.
 */
import { Duration } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { LOOKUP_MS, type AuthorizerEnv } from '../lambda/authorizer/env.ts';
import { bundledFunction, type BundledFunctionOptions } from './bundled-function.ts';
import type { TenantStore } from './tenant-store.ts';
import type { Watched } from './watched.ts';

export interface KeyAuthorizerProps extends BundledFunctionOptions {
  /** Where keys are looked up. */
  readonly store: TenantStore;
}

export class KeyAuthorizer extends Construct {
  readonly function: lambda.Function;
  readonly watched: Watched;
  readonly authorizer: apigateway.RequestAuthorizer;

  constructor(scope: Construct, id: string, { store, ...functionOptions }: KeyAuthorizerProps) {
    super(scope, id);
    this.function = bundledFunction(this, 'Function', {
      ...functionOptions,
      name: 'authorizer',
      description: 'AllMCP: checks the API key and decides the tenant',
      environment: {
        KEYS_TABLE: store.keysTable.tableName,
        LOOKUP_MS: String(LOOKUP_MS),
      } satisfies Record<keyof AuthorizerEnv, string>,
    });
    this.authorizer = new apigateway.RequestAuthorizer(this, 'Authorizer', {
      handler: this.function,
      identitySources: [],
      resultsCacheTtl: Duration.seconds(0),
    });
    // Its failures are counted by the API, from the access log: Lambda counts a refused key as an error too.
    this.watched = { functions: [{ function: this.function, throttles: true }], alarms: [] };
    // The construct writes an empty string, which is neither "no source" nor a source.
    const cfn = this.authorizer.node.defaultChild as apigateway.CfnAuthorizer;
    cfn.addPropertyDeletionOverride('IdentitySource');
  }
}
