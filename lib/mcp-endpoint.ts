/**
 * `POST /mcp` and the preflight of web pages (docs/decisions/0005), and beside it the HTTP calls for products, which the
 * same function answers. Every other method is answered by API Gateway itself, because a GET that reached the function would be an idle stream billed until it
 * times out.
 */
import { Duration, Validations } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { McpEnv } from '../lambda/mcp/env.ts';
import type { EdgeApi } from './edge-api.ts';
import { addFixedAnswer, refuseOtherMethods } from './fixed-answer.ts';
import { bundledFunction, type BundledFunctionOptions } from './bundled-function.ts';
import { RPC_CODES, rpcErrorBody } from './gateway-responses.ts';
import type { KeyAuthorizer } from './key-authorizer.ts';
import type { SessionRoles } from './session-roles.ts';
import type { TenantStore } from './tenant-store.ts';
import { functionErrors, type Watched } from './watched.ts';

/** API Gateway ends a streamed answer after this. */
const MAX_STREAM_SECONDS = 900;
/** So that the function's own end is what a caller sees, not the gateway's. */
const GATEWAY_SLACK_SECONDS = 5;

export interface McpEndpointProps extends BundledFunctionOptions {
  /** The API that gets the routes. */
  readonly edge: EdgeApi;
  /** Checks the key before the function runs. */
  readonly keyAuthorizer: KeyAuthorizer;
  /** What calls read and count. */
  readonly store: TenantStore;
  /** What the function becomes: one tenant at a time, or the reader of its apps. */
  readonly sessionRoles: SessionRoles;
  /** The key that credentials are sealed with. */
  readonly credentialKey: kms.IKey;
  /**
   * Where people reach this deployment, when a domain of yours leads to it.
   *
   * @default - the address that API Gateway gives
   */
  readonly publicUrl?: string | undefined;
  /**
   * Web pages that may use the endpoint, as browsers name them.
   *
   * @default - those that are served from the user's own machine
   */
  readonly allowedOrigins?: readonly string[];
}

export class McpEndpoint extends Construct {
  readonly function: lambda.Function;
  readonly watched: Watched;

  constructor(scope: Construct, id: string, props: McpEndpointProps) {
    super(scope, id);
    const {
      edge,
      keyAuthorizer,
      store,
      sessionRoles,
      credentialKey,
      publicUrl = '',
      allowedOrigins = [],
      ...functionOptions
    } = props;
    this.function = bundledFunction(this, 'Function', {
      ...functionOptions,
      name: 'mcp',
      description: 'AllMCP: the MCP endpoint',
      environment: {
        TENANTS_TABLE: store.tenantsTable.tableName,
        TENANT_ROLE_ARN: sessionRoles.tenant.roleArn,
        CREDENTIAL_KEY_ARN: credentialKey.keyArn,
        APP_ROLE_ARN: sessionRoles.app.roleArn,
        PUBLIC_URL: publicUrl,
        ALLOWED_ORIGINS: allowedOrigins.join(' '),
      } satisfies Record<keyof McpEnv, string>,
    });
    this.watched = {
      functions: [{ function: this.function, throttles: true, caught: true }],
      alarms: [
        functionErrors(
          'McpErrors',
          this.function,
          'The MCP function crashed or timed out. Next: read its log for the first error after the last deployment.',
        ),
      ],
    };
    const integration = new apigateway.LambdaIntegration(this.function, {
      responseTransferMode: apigateway.ResponseTransferMode.STREAM,
      timeout: Duration.seconds(
        Math.min(MAX_STREAM_SECONDS, functionOptions.size.timeoutSeconds + GATEWAY_SLACK_SECONDS),
      ),
      scopePermissionToMethod: false,
    });
    const withKey = {
      authorizer: keyAuthorizer.authorizer,
      authorizationType: apigateway.AuthorizationType.CUSTOM,
    };
    const mcp = edge.api.root.addResource('mcp');
    mcp.addMethod('POST', integration, withKey);
    addPreflight(mcp, integration);
    addFixedAnswer(mcp, 'ANY', {
      status: 405,
      headers: { Allow: 'POST' },
      body: rpcErrorBody(
        RPC_CODES.methodNotAllowed,
        'This endpoint takes POST only: it keeps no sessions and opens no stream of its own.',
      ),
    });
    // `POST /mcp/` means `/mcp`; the function answers 404 for anything after the slash.
    const slash = mcp.addResource('{proxy+}');
    slash.addMethod('POST', integration, withKey);
    addPreflight(slash, integration);

    const connections = edge.api.root.addResource('connections');
    addProductCall(edge.api.root.addResource('connect-links'), 'POST', integration, withKey);
    addProductCall(connections, 'GET', integration, withKey);
    addProductCall(connections.addResource('{provider_key}'), 'DELETE', integration, withKey);
  }
}

/** A browser sends its preflight without the key; only the function can answer each origin of a list by its name. */
function addPreflight(resource: apigateway.Resource, integration: apigateway.Integration): void {
  const preflight = resource.addMethod('OPTIONS', integration, {
    authorizationType: apigateway.AuthorizationType.NONE,
  });
  Validations.of(preflight).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason: 'Browsers send a preflight without the key; the function looks at its Origin header and at nothing else.',
  });
}

/**
 * An HTTP call for products that embed this service. The same streamed integration as `/mcp`: a function that streams
 * cannot answer a buffered one. No preflight: web pages have no business here (docs/decisions/0005).
 */
function addProductCall(
  resource: apigateway.Resource,
  method: string,
  integration: apigateway.Integration,
  withKey: apigateway.MethodOptions,
): void {
  resource.addMethod(method, integration, withKey);
  refuseOtherMethods(resource, [method]);
}
