/** Telling the provider that a sign-in has ended (RFC 7009), where it can be told. Never a reason not to disconnect. */
import * as oauth from 'oauth4webapi';
import type { Connection } from '../vault/connection.ts';
import type { Transport } from '../egress/egress.ts';
import { appOfToken, type OAuthApps } from './app.ts';
import { allowedUrl, clientAuth, guarded, serverOf, TOKEN_REQUEST_MS } from './token-endpoint.ts';
import type { Provider } from '../provider/provider.ts';
import type { Secret } from '../vault/secret.ts';
import type { TenantId } from '../tenant/tenant.ts';
import type { Credential, Vault } from '../vault/vault.ts';

export interface RevokeDeps {
  readonly vault: Vault;
  readonly oauthApps?: OAuthApps | undefined;
  readonly transport: Transport;
}

/**
 * Revokes the token of a connection at its provider. Call it before the row is removed.
 * @param received a credential that is stored nowhere; without it the connection's own is opened.
 * @returns false when the provider has no way to, or did not confirm it.
 */
export async function revokeAtProvider(
  deps: RevokeDeps,
  tenant: TenantId,
  provider: Provider,
  connection: Connection,
  received?: Secret<Credential>,
): Promise<boolean> {
  const auth = provider.auth.find(({ id }) => id === connection.auth);
  if (auth?.kind !== 'oauth2' || auth.revoke === undefined) return false;
  const url = allowedUrl(provider.hosts, auth.revoke.url(connection.facts));
  if (url === undefined) return false;
  const credential = (received ?? (await deps.vault.open(tenant, connection))).reveal();
  const token = credential[auth.revoke.token] ?? credential['access_token'];
  const { client_id: clientId } = credential;
  const app = deps.oauthApps && (await appOfToken(deps.oauthApps, tenant, provider.key, clientId));
  if (token === undefined || app === undefined) return false;
  const clientAuthentication = clientAuth(auth, await deps.oauthApps?.secret(tenant, app));
  const out = guarded(deps.transport, provider.hosts, auth, AbortSignal.timeout(TOKEN_REQUEST_MS));
  const server = serverOf(auth, { revocation_endpoint: url.href });
  try {
    const client = { client_id: app.clientId };
    const response = await oauth.revocationRequest(server, client, clientAuthentication, token, {
      [oauth.customFetch]: out.fetch,
    });
    await oauth.processRevocationResponse(response);
    return true;
  } catch {
    // A provider that is away, or that never knew the token: the stored credential is deleted all the same.
    return false;
  }
}

/**
 * Makes it possible to wait for providers, for that long together: what fails or takes longer was not confirmed.
 * @param failed told why, where a telling throws.
 */
export function patience(
  ms: number,
  failed?: (error: unknown) => void,
): (telling: Promise<boolean>) => Promise<boolean> {
  const late = AbortSignal.timeout(ms);
  const tooLate = new Promise<false>((resolve) => {
    late.addEventListener('abort', () => resolve(false), { once: true });
  });
  return (telling) => {
    const told = telling.catch((error: unknown) => {
      failed?.(error);
      return false;
    });
    return Promise.race([told, tooLate]);
  };
}
