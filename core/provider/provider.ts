/**
 * What a provider is: typed facts, and pure functions from validated arguments to requests. The engine
 * (`engine.ts`) owns everything that is the same for all of them.
 */
import type { ErrorClass } from '../provider-error-classes.ts';
import type { Auth } from './auth.ts';
import type { ToolRequest } from './request.ts';
import type { Category } from './tool.ts';
import type { EpochMs } from '../time.ts';

/** A provider's answer after parsing. `body` is JSON where it was JSON, else the text. */
export interface ProviderResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The first rule that matches any answer, HTTP 200 included, says what it is. */
export interface ErrorRule {
  readonly when: (response: ProviderResponse) => boolean;
  readonly is: ErrorClass;
  /** What a person reads. Text of the provider may be quoted here: never a URL, never a credential. */
  readonly say?: string | ((response: ProviderResponse) => string);
  readonly next?: string;
  /** Seconds, from the answer and the time now. */
  readonly retryAfter?: (response: ProviderResponse, now: EpochMs) => number | undefined;
}

export interface RateLimit {
  /** What shares the limit: e.g. the portal. */
  readonly scope: (facts: Readonly<Record<string, string>>) => string;
  readonly capacity: number;
  readonly perSecond: number;
}

/**
 * What the contract tests of a provider were written from: the vendor's machine-readable specification, the vendor's own
 * documentation, every path of it, or less than that.
 */
export const PROVIDER_LEVELS = ['spec', 'documented', 'unverified'] as const;
export type ProviderLevel = (typeof PROVIDER_LEVELS)[number];

export interface Provider {
  /** snake_case; the prefix of every tool's name. */
  readonly key: string;
  readonly name: string;
  readonly docs: string;
  /** @default 'documented' */
  readonly level?: ProviderLevel | undefined;
  /** Egress allow-list; `*` stands for one label. */
  readonly hosts: readonly string[];
  /** The first is the one `connect_hint` shows. */
  readonly auth: readonly [Auth, ...Auth[]];
  readonly rateLimit?: RateLimit;
  readonly errors: readonly ErrorRule[];
  /** The call that proves a credential, and whose account it is. */
  readonly probe: { readonly request: ToolRequest; readonly account: (body: unknown) => string | undefined };
  readonly categories: Readonly<Record<string, Category>>;
}

export function defineProvider(provider: Provider): Provider {
  return provider;
}

/** How sure it is that a provider's tools do at the vendor what they say. */
export function standingOf({ level = 'documented' }: Pick<Provider, 'level'>): {
  readonly level: ProviderLevel;
  readonly verified: boolean;
} {
  return { level, verified: level !== 'unverified' };
}
