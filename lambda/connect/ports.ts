/** What the connect pages need from the outside, so that the same app runs under Lambda, on a laptop and in tests. */
import type { FormAuth, OAuth2Auth } from '../../core/provider/auth.ts';
import type { Catalog, CatalogAuth, CatalogProvider } from '../../core/catalog/catalog.ts';
import type { Fault } from '../../core/errors.ts';
import type { SettingsOf, SettingsReader } from '../../core/tenant/settings.ts';
import type { Consent } from '../../core/consent/begin.ts';
import type { Log } from '../../core/log.ts';
import type { Provider } from '../../core/provider/provider.ts';
import type { Result } from '../../core/result.ts';
import type { Secret } from '../../core/vault/secret.ts';
import type { ConnectLink, ConnectLinkStore } from '../../core/connect/link.ts';
import type { Credential } from '../../core/vault/vault.ts';

export interface StoreRequest {
  readonly link: ConnectLink;
  readonly provider: Provider;
  readonly auth: FormAuth;
  readonly fields: Secret<Credential>;
  /**
   * Uses the link up. To be called after the provider has accepted the credential and before anything is stored;
   * when it answers false, somebody else was faster and nothing may be stored.
   */
  readonly claim: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

export interface ConsentBeginning {
  readonly link: ConnectLink;
  readonly provider: Provider;
  readonly auth: OAuth2Auth;
  /** What was asked before the redirect, such as the portal; none of it is secret. */
  readonly asked: Credential;
  /** Permissions that the person added. */
  readonly extraScopes: readonly string[];
  readonly settings: SettingsOf;
  /** Where this service is reached from outside; the redirect URI is below it. */
  readonly publicUrl: string;
}

export interface ConnectAppDeps {
  readonly links: ConnectLinkStore;
  readonly catalog: Pick<Catalog, 'providers'>;
  readonly loadProvider: (key: string) => Promise<Provider>;
  /** Tests the credential at the provider, claims the link, stores, and says whose account it is. */
  readonly store: (request: StoreRequest) => Promise<Result<{ readonly account: string }, Fault>>;
  /** Remembers what the callback must fit. The link is used up after it and before the browser is sent away. */
  readonly beginConsent: (request: ConsentBeginning) => Promise<Result<Consent, Fault>>;
  /** The ways of signing in that this link's person can use: those by consent need an OAuth app. */
  readonly usableAuths: (
    link: ConnectLink,
    provider: CatalogProvider,
    settings: SettingsOf,
  ) => Promise<readonly CatalogAuth[]>;
  /** Read once per request, so that a page agrees with itself; and with each request anew. */
  readonly settings: SettingsReader;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
}

export interface ConnectContext {
  readonly requestId: string;
  /** Where this service is reached from outside, as API Gateway states it; never the `Host` header. */
  readonly publicUrl: string;
}

export type ConnectApp = (request: Request, context: ConnectContext) => Promise<Response>;
