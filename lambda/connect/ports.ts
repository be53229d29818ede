/** What the connect pages need from the outside, so that the same app runs under Lambda, on a laptop and in tests. */
import type { Catalog, CatalogAuth, CatalogProvider } from '../../core/catalog/catalog.ts';
import type { ConnectRequest } from '../../core/connect/connect.ts';
import type { ConnectLinkStore } from '../../core/connect/link.ts';
import type { Consent, ConsentRequest } from '../../core/consent/begin.ts';
import type { Fault } from '../../core/fault.ts';
import type { Log } from '../../core/log.ts';
import type { Provider } from '../../core/provider/provider.ts';
import type { Result } from '../../core/result.ts';
import type { OrgAppPolicy, SettingsReader } from '../../core/tenant/settings.ts';
import type { TenantId } from '../../core/tenant/tenant.ts';
import type { Connection } from '../../core/vault/connection.ts';
import type { Clock } from '../../core/time.ts';
import type { PublicUrl } from '../../core/public-url.ts';

export interface ConnectAppDeps {
  readonly links: ConnectLinkStore;
  readonly catalog: Pick<Catalog, 'providers'>;
  readonly loadProvider: (key: string) => Promise<Provider>;
  /** Tests the credential at the provider, claims the link, stores, and says whose account it is. */
  readonly store: (request: ConnectRequest) => Promise<Result<Pick<Connection, 'accountName'>, Fault>>;
  /** Remembers what the callback must fit. The link is used up after it and before the browser is sent away. */
  readonly beginConsent: (request: ConsentRequest) => Promise<Result<Consent, Fault>>;
  /** The ways of signing in that this person can use: those by consent need an OAuth app. */
  readonly usableAuths: (
    policy: OrgAppPolicy,
    tenant: TenantId,
    provider: CatalogProvider,
  ) => Promise<readonly CatalogAuth[]>;
  /** Read once per request, so that a page agrees with itself; and with each request anew. */
  readonly settings: SettingsReader;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
}

export interface ConnectContext {
  readonly requestId: string;
  readonly publicUrl: PublicUrl;
}

export type ConnectApp = (request: Request, context: ConnectContext) => Promise<Response>;
