/**
 * `/connect/{ticket}` and `/oauth/callback`: the only pages, and the only routes besides `/healthz` that take no key. A
 * link's secret, or a state with the browser's cookie, is what opens them.
 */
import { Validations } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { ConnectEnv } from '../lambda/connect/env.ts';
import type { EdgeApi } from './edge-api.ts';
import { refuseOtherMethods } from './fixed-answer.ts';
import { bundledFunction, type BundledFunctionOptions } from './bundled-function.ts';
import type { SessionRoles } from './session-roles.ts';
import type { TenantStore } from './tenant-store.ts';
import { functionErrors, type Watched } from './watched.ts';

export interface ConnectPagesProps extends BundledFunctionOptions {
  /** The API that gets the routes. */
  readonly edge: EdgeApi;
  /** Where links, consents and connections are kept. */
  readonly store: TenantStore;
  /** The writer stores for one tenant; the role of apps opens what a consent needs. */
  readonly sessionRoles: SessionRoles;
  /** The key that seals what is stored. */
  readonly credentialKey: kms.IKey;
  /**
   * Where people reach this deployment, when a domain of yours leads to it.
   *
   * @default - the address that API Gateway gives
   */
  readonly publicUrl?: string | undefined;
}

export class ConnectPages extends Construct {
  readonly function: lambda.Function;
  readonly watched: Watched;

  constructor(
    scope: Construct,
    id: string,
    { edge, store, sessionRoles, credentialKey, publicUrl = '', ...functionOptions }: ConnectPagesProps,
  ) {
    super(scope, id);
    this.function = bundledFunction(this, 'Function', {
      ...functionOptions,
      name: 'connect',
      description: 'AllMCP: the pages that connect accounts',
      environment: {
        TENANTS_TABLE: store.tenantsTable.tableName,
        TENANT_WRITER_ROLE_ARN: sessionRoles.tenantWriter.roleArn,
        APP_ROLE_ARN: sessionRoles.app.roleArn,
        CREDENTIAL_KEY_ARN: credentialKey.keyArn,
        PUBLIC_URL: publicUrl,
      } satisfies Record<keyof ConnectEnv, string>,
    });
    this.watched = {
      functions: [{ function: this.function, throttles: true, caught: true }],
      alarms: [
        functionErrors(
          'ConnectErrors',
          this.function,
          'The connect pages crashed or timed out, so nobody can connect an account. Next: read the log of the connect function for the first error.',
        ),
      ],
    };
    const integration = new apigateway.LambdaIntegration(this.function, { scopePermissionToMethod: false });
    const page = (resource: apigateway.IResource, methods: readonly string[]): void => {
      for (const method of methods) {
        const open = resource.addMethod(method, integration, { authorizationType: apigateway.AuthorizationType.NONE });
        Validations.of(open).acknowledge({
          id: 'AwsSolutions-APIG4',
          reason:
            'A page for a person in a browser, who has no key: the secret of a link, or a state with its cookie, is what opens it.',
        });
      }
      refuseOtherMethods(resource, methods);
    };
    page(edge.api.root.addResource('connect').addResource('{ticket}'), ['GET', 'POST']);
    page(edge.api.root.addResource('oauth').addResource('callback'), ['GET']);
  }
}
