/**
 * Wires the MCP endpoint, and the calls for products beside it, to AWS and to API Gateway's streamed response. The deployed
 * function has no extensions; a build for tests adds the conformance suite's fixtures, which then run behind all the rest.
 */
import middy from '@middy/core';
import { createStsClient } from '../../adapters/aws/aws-clients.ts';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { loadProvider } from '../../providers/index.ts';
import { createDataKeys } from '../../adapters/aws/vault/data-keys.ts';
import { createFunctionLog } from '../../adapters/aws/function-log.ts';
import { createKeptResults } from '../../adapters/aws/call/kept-results.ts';
import { createKeyLimiter } from '../../adapters/aws/meter/key-limiter.ts';
import { createRateLimiter } from '../../adapters/aws/meter/rate-limiter.ts';
import { createOAuthApps } from '../../adapters/aws/oauth/app-store.ts';
import { createSettingsReader } from '../../adapters/aws/tenant/settings-store.ts';
import { createAppSessions, createTenantSessions } from '../../adapters/aws/tenant-session.ts';
import { createConsentNotes } from '../../adapters/aws/consent/note-store.ts';
import { tenantStores } from '../../adapters/aws/event/tenant-stores.ts';
import { fromAuthorizerContext } from '../../core/keys/principal.ts';
import { createUnstoredRenewals } from '../../core/oauth/unstored-renewals.ts';
import { createSealedStates } from '../../core/vault/sealed-state.ts';
import { createSearch } from '../../core/catalog/search.ts';
import { createVault } from '../../core/vault/vault.ts';
import { createEmbedApp, type EmbedDeps } from './products/app.ts';
import { publicUrlOf, toRequest, toStreamed } from '../../adapters/http/api-gateway.ts';
import { createHttpsTransport } from '../../adapters/http/https.ts';
import { createMcpApp } from './app.ts';
import { createServe, failedResponse } from './serve.ts';
import { McpEnv } from './env.ts';
import { readManifest } from './request/manifest.ts';
import { createOriginRules } from './protocol/origin.ts';
import type { Extension } from './protocol/extension.ts';
import type { McpDeps } from './request/call-context.ts';

const clock = Date.now;
const log = createFunctionLog({ service: 'mcp', clock });

/**
 * @param environment the function's environment, read once.
 * @param manifest the text of `manifest.json`, which the build puts beside the bundle.
 */
export function wireMcp(environment: unknown, manifest: string, extensions: readonly Extension[] = []) {
  const env = McpEnv.parse(environment);
  const origins = createOriginRules(env.ALLOWED_ORIGINS);
  const deps = mcpDeps(env, manifest);
  const app = createMcpApp(deps, log, { extensions, origins });
  const serve = createServe({ app, products: createEmbedApp(deps, log), origins });
  return middy<APIGatewayProxyEvent, unknown>({ streamifyResponse: true })
    .handler(async (event, context) =>
      toStreamed(
        await serve({
          request: toRequest(event),
          principal: () => fromAuthorizerContext(event.requestContext.authorizer),
          resource: event.resource,
          path: event.path,
          requestId: event.requestContext.requestId,
          publicUrl: publicUrlOf(event, env.PUBLIC_URL),
          remainingMs: context.getRemainingTimeInMillis(),
        }),
      ),
    )
    .onError((request) => {
      log.error('request failed', { error: request.error });
      request.response = toStreamed(failedResponse());
    });
}

function mcpDeps(env: McpEnv, manifest: string): McpDeps & EmbedDeps {
  const { catalog, systemTools, skills, search, version } = readManifest(manifest);

  const sts = createStsClient();
  const sessions = createTenantSessions({ sts, clock, roleArn: env.TENANT_ROLE_ARN });
  const appSessions = createAppSessions({ sts, clock, roleArn: env.APP_ROLE_ARN });

  const newId = (): string => randomBytes(9).toString('base64url');
  const table = env.TENANTS_TABLE;
  const dataKeys = createDataKeys({ sessions, keyArn: env.CREDENTIAL_KEY_ARN });
  return {
    catalog,
    systemTools,
    skills,
    version,
    search: createSearch(catalog, search),
    loadProvider,
    ...tenantStores({ sessions, table, clock }),
    notes: createConsentNotes({ sessions, table, clock }),
    vault: createVault(dataKeys, clock),
    states: createSealedStates(dataKeys, clock),
    oauthApps: createOAuthApps({ sessions: appSessions, table, keyArn: env.CREDENTIAL_KEY_ARN }),
    settings: createSettingsReader({ sessions: appSessions, table }),
    results: createKeptResults({ sessions, dataKeys, table, clock, newId }),
    keyLimiter: createKeyLimiter({ sessions, table, clock, log }),
    rateLimiter: createRateLimiter({ sessions, table, clock }),
    transport: createHttpsTransport(),
    unstored: createUnstoredRenewals(),
    clock,
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    newId,
  };
}
