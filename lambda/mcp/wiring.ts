/**
 * Wires the MCP app to AWS and to API Gateway's streamed response. The deployed function has no extensions; a build
 * for tests adds the conformance suite's fixtures here, so that they run behind everything that is deployed.
 */
import { STSClient } from '@aws-sdk/client-sts';
import middy from '@middy/core';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { loadProvider } from '../../providers/index.ts';
import { createConnectionStore } from '../aws/connection-store.ts';
import { createDataKeys } from '../aws/data-keys.ts';
import { createKeptResults } from '../aws/kept-results.ts';
import { createKeyMeter } from '../aws/key-meter.ts';
import { createPaceStore } from '../aws/pace-store.ts';
import { createTenantSessions } from '../aws/tenant-session.ts';
import { createUsageStore } from '../aws/usage-store.ts';
import { fromAuthorizerContext } from '../core/principal.ts';
import { createLog } from '../core/log.ts';
import { createSealedStates } from '../core/sealed-state.ts';
import { createSearch } from '../core/search.ts';
import { createVault } from '../core/vault.ts';
import { toRequest } from '../net/api-gateway.ts';
import { createHttpsTransport } from '../net/https.ts';
import { createMcpApp, type McpApp, type McpAppOptions } from './app.ts';
import { McpEnv } from './env.ts';
import { readManifest } from './manifest.ts';
import { createOriginRules } from './origin.ts';
import type { Extension } from './extension.ts';
import { rpcError } from './rpc-error.ts';

const clock = Date.now;
const log = createLog({ service: 'mcp', write: (line) => process.stdout.write(`${line}\n`), clock });

/** What a request may use of the function's time: provider calls end by 25 s, and always before Lambda ends us. */
const LONGEST_MS = 25_000;
const MARGIN_MS = 2_000;

/**
 * @param environment the function's environment, read once.
 * @param manifest the text of `manifest.json`, which the build puts beside the bundle.
 */
export function wireMcp(environment: unknown, manifest: string, extensions: readonly Extension[] = []) {
  const env = McpEnv.parse(environment);
  const origins = createOriginRules(env.ALLOWED_ORIGINS);
  const app = connectApp(env, manifest, { extensions, origins });
  async function answer(event: APIGatewayProxyEvent, context: Context): Promise<Response> {
    const request = toRequest(event);
    // The resource also matches /mcp/<anything>; only the endpoint itself, with or without a slash, is served.
    if (!/\/mcp\/?$/.test(event.path))
      return origins.readable(request, rpcError(404, 'There is nothing here. The endpoint is POST /mcp.'));
    // The one method that comes without a key: nothing but the Origin is looked at.
    if (event.httpMethod === 'OPTIONS') return origins.preflight(request);
    const principal = fromAuthorizerContext(event.requestContext.authorizer);
    const budgetMs = Math.max(1_000, Math.min(LONGEST_MS, context.getRemainingTimeInMillis() - MARGIN_MS));
    return app(request, principal, { requestId: event.requestContext.requestId, budgetMs });
  }

  return middy<APIGatewayProxyEvent, unknown>({ streamifyResponse: true })
    .handler(async (event, context) => {
      const response = await answer(event, context);
      return {
        statusCode: response.status,
        headers: Object.fromEntries(response.headers),
        // An empty text, not null: the status line is only written with the first byte of a body.
        body: response.body ?? '',
      };
    })
    .onError((request) => {
      log.error('request failed', { error: request.error });
      request.response = {
        statusCode: 500,
        // A fixed text: any page may read it.
        headers: { 'content-type': 'application/json', 'access-control-allow-origin': '*' },
        body: '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"Something went wrong here; it has been logged. Try again."}}',
      };
    });
}

function connectApp(env: McpEnv, manifest: string, options: McpAppOptions): McpApp {
  const { catalog, systemTools, skills, search, version } = readManifest(manifest);

  const sts = new STSClient({ requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 } });
  const sessions = createTenantSessions({
    sts,
    roleArn: env.TENANT_ROLE_ARN,
    clock,
    clientOptions: { requestHandler: sts.config.requestHandler },
  });

  const ids = (): string => randomBytes(9).toString('base64url');
  const dataKeys = createDataKeys(sessions, env.CREDENTIAL_KEY_ARN);
  return createMcpApp(
    {
      catalog,
      systemTools,
      skills,
      version,
      search: createSearch(catalog, search),
      loadProvider,
      connections: createConnectionStore(sessions, env.TENANTS_TABLE),
      vault: createVault(dataKeys, clock),
      states: createSealedStates(dataKeys, clock),
      results: createKeptResults({ sessions, dataKeys, table: env.TENANTS_TABLE, clock, ids }),
      usage: createUsageStore(sessions, env.TENANTS_TABLE, clock),
      meter: createKeyMeter(sessions, env.TENANTS_TABLE, clock),
      pace: createPaceStore(sessions, env.TENANTS_TABLE, clock),
      transport: createHttpsTransport(),
      clock,
      sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
      ids,
    },
    log,
    options,
  );
}
