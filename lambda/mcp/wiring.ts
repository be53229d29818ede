/**
 * Wires the MCP app, and the HTTP calls for products beside it, to AWS and to API Gateway's streamed response. The deployed function has no extensions; a build
 * for tests adds the conformance suite's fixtures here, so that they run behind everything that is deployed.
 */
import { STSClient } from '@aws-sdk/client-sts';
import middy from '@middy/core';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { loadProvider } from '../../providers/index.ts';
import { createAnnouncedConnections } from '../../adapters/aws/event/announced-connections.ts';
import { createConsentNotes } from '../../adapters/aws/consent/note-store.ts';
import { createDataKeys } from '../../adapters/aws/vault/data-keys.ts';
import { createKeptResults } from '../../adapters/aws/call/kept-results.ts';
import { createKeyLimiter } from '../../adapters/aws/meter/key-limiter.ts';
import { createRateLimiter } from '../../adapters/aws/meter/rate-limiter.ts';
import { createOAuthApps } from '../../adapters/aws/oauth/app-store.ts';
import { createSettingsReader } from '../../adapters/aws/tenant/settings-store.ts';
import { createAppSessions, createTenantSessions } from '../../adapters/aws/tenant-session.ts';
import { createConnectLinkWriter } from '../../adapters/aws/connect/link-store.ts';
import { AWS_LIMITS } from '../../adapters/aws/time-limits.ts';
import { createUsageStore } from '../../adapters/aws/meter/usage-store.ts';
import { fromAuthorizerContext, type Principal } from '../../core/keys/principal.ts';
import { createLog } from '../../core/log.ts';
import { createSealedStates } from '../../core/vault/sealed-state.ts';
import { createSearch } from '../../core/catalog/search.ts';
import { createVault } from '../../core/vault/vault.ts';
import { createEmbedApp, type EmbedDeps } from './products/app.ts';
import { isEmbedResource } from './products/route.ts';
import { publicUrlOf, toRequest } from '../../adapters/http/api-gateway.ts';
import { createHttpsTransport } from '../../adapters/http/https.ts';
import { createMcpApp } from './app.ts';
import { McpEnv } from './env.ts';
import { readManifest } from './request/manifest.ts';
import { createOriginRules } from './protocol/origin.ts';
import type { Extension } from './protocol/extension.ts';
import { rpcError } from './protocol/rpc-error.ts';
import type { McpDeps } from './request/call-context.ts';

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
  const deps = mcpDeps(env, manifest);
  const app = createMcpApp(deps, log, { extensions, origins });
  const embed = createEmbedApp(deps, log);
  async function respond(event: APIGatewayProxyEvent, lambdaContext: Context): Promise<Response> {
    const request = toRequest(event);
    const { requestId } = event.requestContext;
    const publicUrl = publicUrlOf(event, env.PUBLIC_URL);
    const principal = (): Principal => fromAuthorizerContext(event.requestContext.authorizer);
    // For servers of products, not for web pages: no origin is answered.
    const { resource } = event;
    if (isEmbedResource(resource)) return embed(request, principal(), { requestId, publicUrl, resource });
    // The resource also matches /mcp/<anything>; only the endpoint itself, with or without a slash, is served.
    if (!/\/mcp\/?$/.test(event.path))
      return origins.readable(request, rpcError(404, 'There is nothing here. The endpoint is POST /mcp.'));
    // The one method that comes without a key: nothing but the Origin is looked at.
    if (event.httpMethod === 'OPTIONS') return origins.preflight(request);
    const budgetMs = Math.max(1_000, Math.min(LONGEST_MS, lambdaContext.getRemainingTimeInMillis() - MARGIN_MS));
    return app(request, principal(), { requestId, budgetMs, publicUrl });
  }

  return middy<APIGatewayProxyEvent, unknown>({ streamifyResponse: true })
    .handler(async (event, lambdaContext) => {
      const response = await respond(event, lambdaContext);
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

function mcpDeps(env: McpEnv, manifest: string): McpDeps & EmbedDeps {
  const { catalog, systemTools, skills, search, version } = readManifest(manifest);

  const sts = new STSClient(AWS_LIMITS);
  const alike = { sts, clock, clientOptions: { requestHandler: sts.config.requestHandler } };
  const sessions = createTenantSessions({ ...alike, roleArn: env.TENANT_ROLE_ARN });
  const appSessions = createAppSessions({ ...alike, roleArn: env.APP_ROLE_ARN });

  const newId = (): string => randomBytes(9).toString('base64url');
  const table = env.TENANTS_TABLE;
  const dataKeys = createDataKeys(sessions, env.CREDENTIAL_KEY_ARN);
  return {
    catalog,
    systemTools,
    skills,
    version,
    search: createSearch(catalog, search),
    loadProvider,
    connections: createAnnouncedConnections(sessions, table, clock),
    vault: createVault(dataKeys, clock),
    states: createSealedStates(dataKeys, clock),
    links: createConnectLinkWriter(sessions, table),
    notes: createConsentNotes(sessions, table, clock),
    oauthApps: createOAuthApps({ sessions: appSessions, table, keyArn: env.CREDENTIAL_KEY_ARN }),
    settings: createSettingsReader(appSessions, table),
    results: createKeptResults({ sessions, dataKeys, table, clock, newId }),
    usage: createUsageStore(sessions, table, clock),
    keyLimiter: createKeyLimiter(sessions, table, clock),
    rateLimiter: createRateLimiter(sessions, table, clock),
    transport: createHttpsTransport(),
    clock,
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    newId,
  };
}
