/**
 * Google as one server on loopback, for the hosts oauth2.googleapis.com, www.googleapis.com and sheets.googleapis.com:
 * codes with PKCE that are good once, a refresh token that stays, revocation, whose Drive it is, and cells of a sheet.
 * The consent page itself is the browser's business: `consent` says where it leads.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const GOOGLE_APP = { clientId: 'sheets-app.apps.googleusercontent.com', secret: 'GOCSPX-test-&=+%' };
const HOSTS = ['oauth2.googleapis.com', 'www.googleapis.com', 'sheets.googleapis.com'];

interface Code {
  readonly account: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly scope: string;
}

export interface GoogleChoice {
  /** Whose account consents. */
  readonly account?: string;
  readonly deny?: boolean;
  /** Scopes whose box is unticked. */
  readonly withhold?: readonly string[];
}

export async function startGoogleFake() {
  const codes = new Map<string, Code>();
  const accesses = new Map<string, string>();
  const refreshes = new Map<string, string>();
  const revoked: string[] = [];
  const fresh = (kind: string): string => `${kind}-${randomBytes(12).toString('hex')}`;

  function consent(
    address: string,
    { account = 'ann@example.com', deny = false, withhold = [] }: GoogleChoice = {},
  ): URL {
    const asked = new URL(address).searchParams;
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('state', asked.get('state') ?? '');
    back.searchParams.set('iss', 'https://accounts.google.com');
    if (asked.get('client_id') !== GOOGLE_APP.clientId || asked.get('access_type') !== 'offline')
      throw new Error('the consent is not as it was agreed');
    if (deny) {
      back.searchParams.set('error', 'access_denied');
      return back;
    }
    const scope = (asked.get('scope') ?? '').split(' ').filter((one) => !withhold.includes(one));
    const code = fresh('4/code');
    codes.set(code, {
      account,
      challenge: asked.get('code_challenge') ?? '',
      redirectUri: asked.get('redirect_uri') ?? '',
      scope: scope.join(' '),
    });
    back.searchParams.set('code', code);
    back.searchParams.set('scope', scope.join(' '));
    return back;
  }

  function token(form: URLSearchParams): readonly [number, object] {
    if (form.get('client_id') !== GOOGLE_APP.clientId || form.get('client_secret') !== GOOGLE_APP.secret)
      return [401, { error: 'invalid_client' }];
    const access = fresh('ya29');
    const answer = { access_token: access, expires_in: 3599, token_type: 'Bearer' };
    if (form.get('grant_type') === 'refresh_token') {
      const account = refreshes.get(form.get('refresh_token') ?? '');
      if (account === undefined) return [400, { error: 'invalid_grant' }];
      accesses.set(access, account);
      return [200, answer];
    }
    const code = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (code === undefined || code.challenge !== challenge || code.redirectUri !== form.get('redirect_uri'))
      return [400, { error: 'invalid_grant' }];
    const refresh = fresh('1//refresh');
    accesses.set(access, code.account);
    refreshes.set(refresh, code.account);
    return [200, { ...answer, refresh_token: refresh, scope: code.scope }];
  }

  function api(path: string, authorization = ''): readonly [number, object] {
    const account = accesses.get(authorization.replace(/^Bearer /, ''));
    if (account === undefined)
      return [401, { error: { code: 401, message: 'Invalid Credentials', status: 'UNAUTHENTICATED' } }];
    if (path.startsWith('/drive/v3/about')) return [200, { user: { displayName: 'Ann', emailAddress: account } }];
    const range = /^\/v4\/spreadsheets\/([^/]+)\/values\/([^?]+)/.exec(path);
    if (range !== null)
      return [200, { range: decodeURIComponent(range[2] ?? ''), majorDimension: 'ROWS', values: [['owner', account]] }];
    return [404, { error: { code: 404, message: 'Requested entity was not found.', status: 'NOT_FOUND' } }];
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const path = request.url ?? '/';
      const form = new URLSearchParams(body);
      const [status, answer] = path.startsWith('/token')
        ? token(form)
        : path.startsWith('/revoke')
          ? revoke(form.get('token') ?? '')
          : api(path, request.headers.authorization);
      response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(answer));
    });
  });
  function revoke(given: string): readonly [number, object] {
    revoked.push(given);
    return refreshes.delete(given) ? [200, {}] : [400, { error: 'invalid_token' }];
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    consent,
    revoked,
    /** For the runtime: every host of Google's to this server. */
    routes: Object.fromEntries(HOSTS.map((host) => [host, url])),
    /** Ends every token of an account, as its owner can in the account's settings. */
    endAccess: (account: string): void => {
      for (const tokens of [accesses, refreshes])
        for (const [value, owner] of tokens) if (owner === account) tokens.delete(value);
    },
    stop: (): Promise<void> =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export type GoogleFake = Awaited<ReturnType<typeof startGoogleFake>>;
