/** API Gateway's authorizer event to a decision: allow with the principal as flat context, or deny with a reason. */
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { KeyStore } from '../../core/keys/api-key.ts';
import { authenticate, type Credentials } from '../../core/keys/authenticate.ts';
import { toAuthorizerContext } from '../../core/keys/principal.ts';
import type { Clock } from '../../core/time.ts';

/** API Gateway turns exactly this text into its UNAUTHORIZED response (401); any other throw into a 5xx. */
const UNAUTHORIZED = 'Unauthorized';

/** Whether it was thrown to refuse the caller: then nothing went wrong here. */
export function isRefusal(error: Error | null): boolean {
  return error?.message === UNAUTHORIZED;
}

export function createAuthorizer(deps: { readonly keys: KeyStore; readonly clock: Clock }) {
  return async (event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    const decision = await authenticate(credentialsOf(event), deps.keys, deps.clock());
    if (decision.ok)
      return authorizerResponse(
        'Allow',
        decision.value.kind === 'rejected' ? 'rejected' : decision.value.keyId,
        event.methodArn,
        toAuthorizerContext(decision.value),
      );
    if (decision.fault.kind === 'unauthorized') throw new Error(UNAUTHORIZED);
    return authorizerResponse('Deny', 'denied', event.methodArn, { reason: decision.fault.reason });
  };
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
