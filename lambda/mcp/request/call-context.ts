/** What one HTTP request to `/mcp` runs with. Made in `app.ts`; nothing in it outlives the request. */
import type { FailureCause } from '../../../core/failure-cause.ts';
import type { PrepareDeps } from '../../../core/call/prepare.ts';
import type { RunDeps, Running } from '../../../core/call/run.ts';
import type { Catalog, ToolDefinition } from '../../../core/catalog/catalog.ts';
import type { SettingsReader } from '../../../core/tenant/settings.ts';
import type { ConsentNotes } from '../../../core/consent/note.ts';
import type { OAuthApps } from '../../../core/oauth/app.ts';
import type { TenantPrincipal } from '../../../core/keys/principal.ts';
import type { ListFlags } from '../../../core/catalog/registry.ts';
import type { SealedStates } from '../../../core/vault/sealed-state.ts';
import type { CatalogSearch } from '../../../core/catalog/search.ts';
import type { ConnectLinkWriter } from '../../../core/connect/link.ts';
import type { KeyLimiter } from '../../../core/meter/key-limits.ts';
import type { SkillFile } from './manifest.ts';
import type { MonthCalls } from './month-calls.ts';
import type { RoundTrip } from './round-trip.ts';
import type { PublicUrl } from '../../../core/public-url.ts';
import type { Unavailable } from '../../../core/unavailable.ts';

export interface McpDeps extends PrepareDeps, RunDeps {
  readonly catalog: Catalog;
  readonly keyLimiter: KeyLimiter;
  readonly oauthApps: OAuthApps;
  readonly settings: SettingsReader;
  /** How consents went that led to no connection. */
  readonly notes: Pick<ConsentNotes, 'find' | 'clear'>;
  readonly search: CatalogSearch;
  readonly states: SealedStates;
  readonly links: ConnectLinkWriter;
  /** Rendered at build time. */
  readonly systemTools: readonly ToolDefinition[];
  /** Rendered at build time. */
  readonly skills: readonly SkillFile[];
  readonly version: string;
}

export interface CallContext extends Running {
  readonly principal: TenantPrincipal;
  readonly deps: McpDeps;
  readonly flags: ListFlags;
  readonly publicUrl: PublicUrl;
  /** What the last request to a provider ended in; set while a tool runs. */
  readonly lastResponse?: (() => FailureCause | undefined) | undefined;
  /** Told when a method that is no tool call could not be served because of our own services. */
  readonly onOutage: (error: Unavailable) => void;
  readonly monthCalls: MonthCalls;
  /** Set for the methods that can ask the person. */
  readonly roundTrip?: RoundTrip;
}

/** The session of a method that can ask the person. */
export interface AskingContext extends CallContext {
  readonly roundTrip: RoundTrip;
}
