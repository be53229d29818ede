/**
 * What operators do with OAuth apps: store one, list them without their secrets, and test what can be tested without a
 * person. A secret goes in and never comes out here: whoever may store one may not open it.
 */
import type { AdminFault } from '../tenant/admin-fault.ts';
import type { AppOwner } from '../vault/app-owner.ts';
import type { OAuth2Auth } from '../provider/auth.ts';
import { fieldMessage } from '../provider/fields.ts';
import { chooseApp, type OAuthApp } from './app.ts';
import { APP_LEVELS, type AppLevel } from '../vault/app-owner.ts';
import type { OrgAppPolicy } from '../tenant/settings.ts';
import { allowedUrl } from './token-endpoint.ts';
import type { Provider } from '../provider/provider.ts';
import type { Secret } from '../vault/secret.ts';

export interface StoredApp {
  readonly owner: AppOwner;
  readonly provider: string;
  readonly clientId: string;
  /** A public app has none. */
  readonly hasSecret: boolean;
  /** When it was stored, ISO 8601. */
  readonly createdAt: string;
}

/** OAuth apps as the admin function sees them, strongly consistent. */
export interface OAuthAppStore {
  /** Stores or replaces, and answers what was there before. */
  put(app: Omit<StoredApp, 'hasSecret'>, secret: Secret<string> | undefined): Promise<StoredApp | undefined>;
  find(owner: AppOwner, provider: string): Promise<StoredApp | undefined>;
  /** Those of a client and of its organizations; those of the platform when left out. */
  list(client: string | undefined): Promise<readonly StoredApp[]>;
  /** Answers what was removed. */
  remove(owner: AppOwner, provider: string): Promise<StoredApp | undefined>;
}

export function levelOf({ client, org }: AppOwner): AppLevel {
  if (org !== undefined) return 'org';
  return client === undefined ? 'platform' : 'client';
}

/** The way of signing in that an OAuth app is for. */
export function consentAuth(provider: Provider): OAuth2Auth | undefined {
  return provider.auth.find((auth) => auth.kind === 'oauth2');
}

/** Why an app with, or without, a secret cannot work for this way of signing in. */
export function secretFault(provider: Provider, { token, authorize }: OAuth2Auth, given: boolean) {
  if (given && token.clientAuth === 'none')
    return {
      code: 'invalid_input',
      message: `${provider.name} takes public apps only: a client secret would never be used.`,
      next: 'Send it again without client_secret (`oauth-apps set` without --client-secret-stdin).',
    } as const satisfies AdminFault;
  // Without PKCE a public app proves nothing when it exchanges a code (RFC 9700, section 2.1.1).
  if (!given && token.clientAuth !== 'none' && authorize.pkce === 'none')
    return {
      code: 'invalid_input',
      message: `${provider.name} gives every app a client secret, and none was sent.`,
      next: 'Send client_secret too (`oauth-apps set --client-secret-stdin`); it is on the page of the app at the vendor.',
    } as const satisfies AdminFault;
  return undefined;
}

/** Why storing an app without a secret is refused where one with a secret is stored: nobody means to lose it by omission. */
export function lostSecret(before: Pick<StoredApp, 'hasSecret'> | undefined, given: boolean): AdminFault | undefined {
  if (given || before?.hasSecret !== true) return undefined;
  return {
    code: 'conflict',
    message: 'An app with a client secret is stored here, and none was sent: this would remove the stored secret.',
    next: 'Give the secret again as client_secret (oauth-apps set: --client-secret-stdin), or remove the app first.',
  };
}

/** The app of each level that an owner may use, read with the operator's own rights; absent levels are left out. */
export async function appsAbove(
  apps: Pick<OAuthAppStore, 'find'>,
  owner: AppOwner,
  provider: string,
): Promise<readonly (StoredApp & OAuthApp)[]> {
  const { client, org } = owner;
  const owners = [owner, ...(org === undefined ? [] : [{ client }]), ...(client === undefined ? [] : [{}])];
  const found = await Promise.all(owners.map((one) => apps.find(one, provider)));
  return found.flatMap((app) => (app === undefined ? [] : [{ ...app, level: levelOf(app.owner) }]));
}

/** The app that a new consent would use. */
export async function appFor(
  apps: Pick<OAuthAppStore, 'find'>,
  owner: AppOwner,
  provider: string,
  policy: OrgAppPolicy,
): Promise<StoredApp | undefined> {
  return chooseApp(await appsAbove(apps, owner, provider), owner.org !== undefined, policy);
}

export interface AppCheck {
  readonly check: 'app' | 'authorize_url' | 'redirect_uri' | 'secret';
  /** `untested`: only a consent shows it. */
  readonly status: 'ok' | 'fail' | 'untested';
  readonly message: string;
}

/** Everything that can be said about an app without a person and without opening its secret. */
export function checkApp(
  provider: Provider,
  auth: OAuth2Auth,
  app: StoredApp | undefined,
  asked: { readonly owner: AppOwner; readonly policy: OrgAppPolicy; readonly redirectUri: string },
): readonly AppCheck[] {
  return [
    appCheck(app, asked.owner, asked.policy),
    addressCheck(provider, auth),
    returnCheck(asked.redirectUri),
  ].concat(app === undefined ? [] : [secretCheck(provider, auth, app)]);
}

const OWNERS: Readonly<Record<AppLevel, string>> = {
  org: 'the organization',
  client: 'the client',
  platform: 'the platform',
};

function appCheck(app: StoredApp | undefined, owner: AppOwner, policy: OrgAppPolicy): AppCheck {
  if (app !== undefined)
    return { check: 'app', status: 'ok', message: `The app of ${OWNERS[levelOf(app.owner)]} is used.` };
  const levels = APP_LEVELS.slice(APP_LEVELS.indexOf(levelOf(owner)));
  const own = levelOf(owner) === 'org' && policy === 'refuse';
  const where = (own ? levels.slice(0, 1) : levels).map((level) => OWNERS[level]).join(' or ');
  const why = own ? ' Its client lets organizations use no other (org_app: refuse).' : '';
  return { check: 'app', status: 'fail', message: `No app is stored for ${where}.${why}` };
}

function addressCheck(provider: Provider, auth: OAuth2Auth): AppCheck {
  // What a person is asked before the redirect: the examples stand in.
  const asked = Object.fromEntries(
    auth.fields.flatMap(({ key, example }) => (example === undefined ? [] : [[key, example]])),
  );
  if (fieldMessage(auth, asked) !== undefined)
    return {
      check: 'authorize_url',
      status: 'untested',
      message: 'The address of the consent page depends on what the person fills in.',
    };
  const url = allowedUrl(provider.hosts, auth.authorize.url(auth.derive(asked)));
  return url === undefined
    ? { check: 'authorize_url', status: 'fail', message: `The consent page is not on a host of ${provider.name}.` }
    : { check: 'authorize_url', status: 'ok', message: `The consent page is at ${url.host}.` };
}

function returnCheck(redirectUri: string): AppCheck {
  const isPublic = new URL(redirectUri).protocol === 'https:';
  return {
    check: 'redirect_uri',
    status: 'untested',
    message: isPublic
      ? 'The vendor must have exactly this redirect address; only a consent shows whether it has.'
      : 'This is not https: most vendors take such an address from your own machine only, or not at all.',
  };
}

function secretCheck(provider: Provider, auth: OAuth2Auth, app: StoredApp): AppCheck {
  const fault = secretFault(provider, auth, app.hasSecret);
  if (fault !== undefined) return { check: 'secret', status: 'fail', message: fault.message };
  const message = app.hasSecret
    ? 'A secret is stored. Nothing here can open it: the first consent proves that it is right.'
    : 'No secret is stored: right for a public app only. The first consent shows it.';
  return { check: 'secret', status: 'untested', message };
}
