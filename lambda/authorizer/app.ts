/**
 * API Gateway's authorizer event to a decision: allow with the principal as flat context, or deny with a reason. Every
 * refusal is one line of the log, with the key as far as it is known, and is written before the caller hears of it.
 */
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { KeyStore } from '../../core/keys/api-key.ts';
import { authenticate, type Credentials } from '../../core/keys/authenticate.ts';
import { toAuthorizerContext } from '../../core/keys/principal.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';

/** API Gateway turns exactly this text into its UNAUTHORIZED response (401); any other throw into a 5xx. */
const UNAUTHORIZED = 'Unauthorized';

/** Whether it was thrown to refuse the caller: then nothing went wrong here. */
export function isRefusal(error: Error | null): boolean {
  return error?.message === UNAUTHORIZED;
}

export interface AuthorizerDeps {
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly log: Log;
}

export function createAuthorizer(deps: AuthorizerDeps) {
  return async (event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    const decision = await authenticate(credentialsOf(event), deps.keys, deps.clock());
    if (decision.ok)
      return authorizerResponse(
        'Allow',
        decision.value.keyId ?? 'rejected',
        event.methodArn,
        toAuthorizerContext(decision.value),
      );
    const { kind, why, keyId, tenantKeyId, clientId } = decision.fault;
    const { resource: route, httpMethod: method, requestContext } = event;
    deps.log.info('request refused', {
      requestId: requestContext?.requestId,
      method,
      route,
      status: kind === 'unauthorized' ? 401 : 403,
      outcome: why,
      keyId,
      tenantKeyId,
      clientId,
    });
    if (kind === 'unauthorized') throw refusal();
    // The access log names the key, where there is one.
    const context = { reason: decision.fault.reason, ...(keyId === undefined ? {} : { keyId }) };
    return authorizerResponse('Deny', 'denied', event.methodArn, context);
  };
}

/** Lambda logs whatever is thrown with its frames. These would say that something broke here, and nothing did. */
function refusal(): Error {
  const error = new Error(UNAUTHORIZED);
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

function credentialsOf(event: APIGatewayRequestAuthorizerEvent): Credentials {
  const headers = Object.entries(event.multiValueHeaders ?? {});
  const header = (wanted: string): readonly string[] =>
    headers.filter(([name]) => name.toLowerCase() === wanted).flatMap(([, values]) => values ?? []);
  return {
    apiKeys: header('x-api-key'),
    authorizations: header('authorization'),
    query: Object.fromEntries(
      Object.entries(event.multiValueQueryStringParameters ?? {}).map(([name, values]) => [name, values ?? []]),
    ),
    audience: audienceOf(event.resource),
    also: Object.hasOwn(PARAMETERS, event.resource) ? PARAMETERS[event.resource] : [],
  };
}

const MCP_FLAGS = ['full_catalog', 'system_only'];

/** What an address takes besides `org_id` and `user_id`, by the route's template. A new route takes nothing until named here. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  '/mcp': MCP_FLAGS,
  '/mcp/{proxy+}': MCP_FLAGS,
  '/connections/{provider_key}': ['connection'],
};

/** By the route's template. Only one route gets the hash of a key, so a new route is a tenant's endpoint until named here. */
function audienceOf(resource: string): Credentials['audience'] {
  if (resource === '/tenant-keys') return 'keys';
  return resource.startsWith('/admin/') ? 'admin' : 'mcp';
}

function authorizerResponse(
  effect: 'Allow' | 'Deny',
  principalId: string,
  methodArn: string,
  context: Record<string, string>,
): APIGatewayAuthorizerResult {
  return {
    principalId,
    policyDocument: {
      Version: '2012-10-17',
      // The exact method only: nothing is cached, so nothing wider is ever needed.
      Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: methodArn }],
    },
    context,
  };
}
