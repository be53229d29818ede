/**
 * Wires the connect pages to AWS. Everything of a tenant goes through a session of TenantWriterRole for that tenant, and
 * everything of an OAuth app through AppRole; the function's own role finds links and consents by their hashes.
 */
import middy from '@middy/core';
import { createDynamoDbClient, createStsClient } from '../../adapters/aws/aws-clients.ts';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { loadProvider } from '../../providers/index.ts';
import { createDataKeys } from '../../adapters/aws/vault/data-keys.ts';
import { createFunctionLog } from '../../adapters/aws/function-log.ts';
import { createGrantStore } from '../../adapters/aws/consent/pending-store.ts';
import { createOAuthApps } from '../../adapters/aws/oauth/app-store.ts';
import { createSettingsReader } from '../../adapters/aws/tenant/settings-store.ts';
import { createAppSessions, createTenantSessions } from '../../adapters/aws/tenant-session.ts';
import { createConnectLinkStore } from '../../adapters/aws/connect/link-store.ts';
import { createConsentNotes } from '../../adapters/aws/consent/note-store.ts';
import { createAnnouncedConnections } from '../../adapters/aws/event/announced-connections.ts';
import { connectWithFields } from '../../core/connect/connect.ts';
import { finishConsent, type CallbackDeps } from '../../core/consent/finish.ts';
import { beginConsent, type BeginDeps } from '../../core/consent/begin.ts';
import { usableAuths } from '../../core/connect/usable-auths.ts';
import { UNLIMITED } from '../../core/meter/rate-limit.ts';
import { createVault } from '../../core/vault/vault.ts';
import { publicUrlOf, toRequestWithCookies, toResult } from '../../adapters/http/api-gateway.ts';
import { createHttpsTransport } from '../../adapters/http/https.ts';
import { byResource, createConnectApp } from './app.ts';
import { createCallbackApp } from './callback.ts';
import { ConnectEnv } from './env.ts';
import { readConnectManifest } from './manifest.ts';

const clock = Date.now;
const log = createFunctionLog({ service: 'connect', clock });

/**
 * @param environment the function's environment, read once.
 * @param manifest the text of `manifest.json`, which the build puts beside the bundle.
 */
export function wireConnect(environment: unknown, manifest: string) {
  const env = ConnectEnv.parse(environment);
  const serve = byResource(connectApps(env, manifest));
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .handler(async (event) => {
      const context = { requestId: event.requestContext.requestId, publicUrl: publicUrlOf(event, env.PUBLIC_URL) };
      return toResult(await serve(event.resource)(toRequestWithCookies(event), context));
    })
    .onError(({ error, event }) => {
      log.error('connect failed', { error, requestId: event.requestContext.requestId });
    });
}

function connectApps(env: ConnectEnv, manifest: string) {
  const catalog = readConnectManifest(manifest);
  const dynamodb = createDynamoDbClient();
  const sts = createStsClient({ requestHandler: dynamodb.config.requestHandler });
  const sessions = createTenantSessions({ sts, clock, roleArn: env.TENANT_WRITER_ROLE_ARN });
  const appSessions = createAppSessions({ sts, clock, roleArn: env.APP_ROLE_ARN });
  const table = env.TENANTS_TABLE;

  const links = createConnectLinkStore({ dynamodb, sessions, table, clock });
  const apps = createOAuthApps({ sessions: appSessions, table, keyArn: env.CREDENTIAL_KEY_ARN });
  const settings = createSettingsReader({ sessions: appSessions, table });
  const deps: CallbackDeps & BeginDeps = {
    grants: createGrantStore({ dynamodb, table, clock }),
    apps,
    notes: createConsentNotes({ sessions, table, clock }),
    loadProvider,
    connections: createAnnouncedConnections({ sessions, table, clock }),
    vault: createVault(createDataKeys({ sessions, keyArn: env.CREDENTIAL_KEY_ARN }), clock),
    transport: createHttpsTransport(),
    rateLimiter: UNLIMITED,
    clock,
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    newId: () => randomBytes(9).toString('base64url'),
    log,
  };

  const page = createConnectApp({
    links,
    catalog,
    loadProvider,
    usableAuths: (policy, tenant, provider) => usableAuths({ apps, policy: async () => policy }, tenant, provider),
    settings,
    clock,
    log,
    random: randomBytes,
    store: (request) => connectWithFields(deps, request),
    beginConsent: (request) => beginConsent(deps, request),
  });
  const callback = createCallbackApp({
    finish: (returned) => finishConsent(deps, returned),
    catalog,
    settings,
    clock,
    log,
  });
  return { page, callback };
}
