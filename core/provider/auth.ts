/**
 * The ways of signing in that a provider can offer. Everything a vendor does differently is a value or a pure function
 * here; the flow (`core/consent/begin.ts`), the renewal (`core/oauth/refresh.ts`) and the engine never ask which provider it is.
 */
import type { Credential } from '../vault/vault.ts';

/** One field of a credential, as a form and a hint show it. */
export interface CredentialField {
  readonly key: string;
  readonly label: string;
  readonly secret: boolean;
  /** A regular expression over the whole value. */
  readonly pattern?: string;
  readonly example?: string;
  readonly help?: string;
  readonly optional?: boolean;
}

/** Where a credential goes in a request. */
export interface Injection {
  /** Absolute https URL that the tool's path is appended to. */
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, string>>;
}

/** Non-secret facts of a connection, e.g. the portal's host. */
export type Facts = Readonly<Record<string, string>>;

interface SharedAuth {
  readonly id: string;
  readonly label: string;
  /** What the person fills in. For `oauth2`: what must be known before the redirect; never secret there. */
  readonly fields: readonly CredentialField[];
  readonly derive: (credential: Credential) => Facts;
  readonly inject: (credential: Credential, facts: Facts) => Injection;
}

/** A way of signing in with fields that the person knows: an API key, a webhook URL, two tokens, a login. */
export interface StaticAuth extends SharedAuth {
  readonly kind: 'api_key' | 'fields' | 'basic';
}

/** An answer of a token endpoint, before anything is believed of it. */
export interface TokenResponse {
  readonly status: number;
  /** JSON where it was JSON, else the text. */
  readonly body: unknown;
}

/** A token and how long it lives, in seconds; without a time it lives until the provider refuses it. */
export interface ExchangedToken {
  readonly token: string;
  readonly expiresIn?: number | undefined;
}

/** Fields that are exchanged for a short-lived token; `inject` finds it as `access_token` in the credential. */
export interface TokenExchangeAuth extends SharedAuth {
  readonly kind: 'token_exchange';
  readonly exchange: {
    readonly url: (facts: Facts) => string;
    /** Sent as a JSON body by POST. */
    readonly body: (credential: Credential) => Readonly<Record<string, string>>;
    readonly token: (body: unknown) => ExchangedToken | undefined;
    /** True when the answer says that the fields themselves are no good any more. Not asked of 408, 429 and 5xx. */
    readonly refused: (response: TokenResponse) => boolean;
  };
  /** How long before its end a token is renewed. */
  readonly skewSeconds: number;
}

/** OAuth 2.0 authorization code grant, with the departures from RFC 6749 that vendors make. */
export interface OAuth2Auth extends SharedAuth {
  readonly kind: 'oauth2';
  /** What the authorization server calls itself; `iss` of a callback must equal it (RFC 9207). */
  readonly issuer?: string;
  readonly authorize: {
    /** @param facts what `derive` made of the asked fields. */
    readonly url: (facts: Facts) => string;
    readonly params?: Readonly<Record<string, string>>;
    /** A space unless the vendor wants another one. */
    readonly scopeSeparator?: string;
    readonly pkce: 'S256' | 'none';
    readonly sendRedirectUri: boolean;
  };
  readonly token: {
    /** @param facts those of the asked fields and of the callback; the host is checked before anything is sent. */
    readonly url: (facts: Facts) => string;
    /** `query`: a GET whose parameters, secret included, are in the address. */
    readonly encoding: 'form' | 'json' | 'query';
    readonly clientAuth: 'body' | 'basic' | 'none';
    readonly sendRedirectUri: boolean;
  };
  readonly refresh: {
    /** `none`: the refresh token stays. `rotating`: each answer brings a new one. `single_use`: and ends the old one. */
    readonly rotation: 'none' | 'rotating' | 'single_use';
    /** How long before its end an access token is renewed; at most half its life. */
    readonly skewSeconds: number;
    /** Some vendors block apps that refresh before they are told to. */
    readonly when: 'before_expiry' | 'when_refused';
    readonly sendRedirectUri: boolean;
    /** Answers that mean a dead refresh token, besides `invalid_grant`. Not asked of 408, 429 and 5xx. */
    readonly refused?: (response: TokenResponse) => boolean;
  };
  /** Facts that come with the callback and with the first token answer. Undefined: they are missing or malformed. */
  readonly capture?: {
    readonly callback?: (query: Facts) => Facts | undefined;
    readonly token?: (body: unknown) => Facts | undefined;
  };
  /** What is always asked for, and what a person may add on the page before the consent. */
  readonly scopes: { readonly default: readonly string[]; readonly optional?: readonly OptionalScope[] };
  readonly revoke?: { readonly url: (facts: Facts) => string; readonly token: 'access_token' | 'refresh_token' };
  /** Whether a reconnected account is the one that was connected; by its name when left out. */
  readonly sameAccount?: (before: ConnectedAccount, now: ConnectedAccount) => boolean;
}

/** A permission that most people can do without. */
export interface OptionalScope {
  readonly scope: string;
  /** What it allows, for the person who decides. */
  readonly label: string;
}

export interface ConnectedAccount {
  readonly accountName: string;
  readonly facts: Facts;
}

export type Auth = StaticAuth | TokenExchangeAuth | OAuth2Auth;
/** Signing in with nothing but what the person fills in. */
export type FormAuth = StaticAuth | TokenExchangeAuth;
/** Ways whose access token ends and is renewed without the person. */
export type RenewableAuth = TokenExchangeAuth | OAuth2Auth;

export function isFormAuth(auth: Auth): auth is FormAuth {
  return auth.kind !== 'oauth2';
}

export function isRenewable(auth: Auth | undefined): auth is RenewableAuth {
  return auth?.kind === 'oauth2' || auth?.kind === 'token_exchange';
}
