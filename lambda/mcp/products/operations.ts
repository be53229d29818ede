/** What the HTTP calls for products do. Every one of them is about the principal's own tenant. */
import * as z from 'zod';
import type { SettingsReader } from '../../../core/tenant/settings.ts';
import type { Catalog } from '../../../core/catalog/catalog.ts';
import { connectionsOf, type ListDeps } from '../../../core/connect/connections-json.ts';
import {
  CONNECTION_NAME_RULE,
  DEFAULT_CONNECTION,
  isConnectionName,
  type ConnectionStore,
} from '../../../core/vault/connection.ts';
import { disconnect, type DisconnectDeps } from '../../../core/connect/disconnect.ts';
import { findProvider } from '../../../core/catalog/find.ts';
import {
  missingAppMessage,
  ownerOf,
  requestLink,
  toConnectLinkJson,
  type ConnectLinkDeps,
} from '../../../core/connect/issue-link.ts';
import type { OAuthApps } from '../../../core/oauth/app.ts';
import type { Log } from '../../../core/log.ts';
import type { TenantPrincipal } from '../../../core/keys/principal.ts';
import { jsonResponse, problemsOf, readJson, refuse } from '../../../adapters/http/json-edge.ts';

export interface OperationDeps extends ConnectLinkDeps, DisconnectDeps, Pick<ListDeps, 'usage'> {
  readonly settings: SettingsReader;
  readonly oauthApps: OAuthApps;
  readonly catalog: Pick<Catalog, 'providers'>;
  readonly connections: ConnectionStore;
}

const MAX_BODY_BYTES = 16 * 1024;

const EXAMPLE = 'Send a JSON object like {"provider_key": "google_sheets"}; connection and return_url may be left out.';

const LinkRequest = z.strictObject({
  provider_key: z.string().max(60),
  connection: z.string().refine(isConnectionName, CONNECTION_NAME_RULE).default(DEFAULT_CONNECTION),
  return_url: z.string().max(2_000).optional(),
});

/** `POST /connect-links`: a link for the tenant's person, with its code. */
export async function connectLink(
  deps: OperationDeps,
  principal: TenantPrincipal,
  request: Request,
  publicUrl: string,
): Promise<Response> {
  const sent = await readJson(request, { maxBytes: MAX_BODY_BYTES, help: EXAMPLE });
  if (!sent.ok) return refuse(sent.fault);
  if (sent.value === undefined) return invalid('The body is missing, or is not JSON.', EXAMPLE);
  const body = LinkRequest.safeParse(sent.value);
  if (!body.success) return invalid(problemsOf(body.error.issues), EXAMPLE);
  const { provider_key, connection, return_url: returnUrl } = body.data;
  const found = findProvider(deps.catalog, provider_key);
  if (!found.ok) return refuse({ code: 'not_found', message: found.fault.message, next: found.fault.next });
  const wanted = { ...ownerOf(principal), provider: found.value, connection, returnUrl };
  const requested = await requestLink(deps, wanted, publicUrl);
  switch (requested.kind) {
    case 'issued':
      return jsonResponse(201, toConnectLinkJson(requested.link));
    case 'return_refused':
      return invalid(
        'return_url is not one of the addresses that are allowed for this client.',
        'Ask the operators to add it to return_urls in the settings of this client (clients settings --return-url). An entry that ends in a slash allows everything below it.',
      );
    case 'no_app':
      return refuse({
        code: 'conflict',
        message: missingAppMessage(found.value.name, requested.missing),
        next: `Ask the operators to register an app at the vendor and to store it (oauth-apps set${
          requested.missing.own ? ', with --org' : ''
        }), then ask for the link again.`,
      });
  }
}

/** `GET /connections`: the body of the tool `list_connections`. */
export async function connections(deps: OperationDeps, { tenant }: TenantPrincipal): Promise<Response> {
  return jsonResponse(200, { connections: await connectionsOf(deps, tenant) });
}

/** `DELETE /connections/{provider_key}?connection=`: what the tool `disconnect_provider` does. */
export async function disconnection(
  deps: OperationDeps,
  log: Log,
  { tenant }: TenantPrincipal,
  providerKey: string,
  [connection, ...more]: readonly string[],
): Promise<Response> {
  if (more.length > 0 || connection === '') return invalid('Send connection once and with a name, or leave it out.');
  const found = findProvider(deps.catalog, providerKey);
  if (!found.ok) return refuse({ code: 'not_found', message: found.fault.message, next: found.fault.next });
  const { key, name } = found.value;
  const disconnected = await disconnect(deps, log, { tenant, provider: found.value, connection });
  switch (disconnected.kind) {
    case 'none':
      return refuse({
        code: 'not_found',
        message: `${name} is not connected${connection === undefined ? '' : ' under that name'}.`,
        next: 'GET /connections lists what is connected.',
      });
    case 'several':
      return refuse({
        code: 'conflict',
        message: `Several ${name} accounts are connected.`,
        next: `Name one as connection: ${disconnected.names.join(', ')}.`,
      });
    case 'done':
      return jsonResponse(200, {
        status: 'disconnected',
        provider_key: key,
        connection: disconnected.connection,
        revoked_at_provider: disconnected.revoked,
      });
  }
}

function invalid(message: string, next = 'Correct it and send the request again.'): Response {
  return refuse({ code: 'invalid_input', message, next });
}
