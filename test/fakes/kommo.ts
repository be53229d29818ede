/**
 * Kommo on loopback, for any number of accounts: a request's host says which one it means. Written from the vendor's
 * pages and the words of its maintainers: the token endpoint is on the account's own host and takes JSON, codes and
 * refresh tokens work once, a used token is refused with 401 and a hint. It counts what it was asked and by which
 * process, and can stop a request for tokens before or after the token is used up.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createHold, type Hold, type HoldPoint } from './hold.ts';

export interface KommoApp {
  readonly clientId: string;
  readonly secret: string;
}

export interface KommoOptions {
  readonly app: KommoApp;
  /** The process at the other end of a connection. */
  readonly processBehind?: (socket: Socket) => number | undefined;
}

export type Moment = 'before_use' | 'after_use';

export interface KommoAccount {
  /** `<name>.kommo.com` */
  readonly host: string;
  readonly counts: {
    /** Codes that were exchanged. */
    exchanged: number;
    refreshed: number;
    /** Refresh tokens that were used before. */
    reused: number;
    /** Calls of the API that were answered with what they asked for. */
    answered: number;
    /** Calls of the API with a token that has ended. */
    refused: number;
    /** Calls of the API above seven in one second. */
    throttled: number;
  };
  /** How many calls of the API each process had answered. */
  readonly served: ReadonlyMap<number | undefined, number>;
  /** The processes that asked for tokens, in order. */
  readonly askedForTokens: readonly (number | undefined)[];
  /** The seconds that the next token is said to live; then the one after. A day when nothing is said. */
  readonly lives: number[];
  /** The status that the next request for tokens is answered with, without using anything up. */
  readonly tokenFailures: number[];
  /** A person's yes on the consent page: the parameters the browser comes back with. */
  readonly consent: (authorizeUrl: URL) => URLSearchParams;
  readonly endAccess: () => void;
  /** Stops the next request for tokens. */
  readonly holdToken: (at: Moment) => Hold;
  /** Stops the next call of the API. */
  readonly holdCall: () => Hold;
}

export interface KommoFake {
  /** For the runtime: the hosts of the accounts that were opened so far. */
  readonly routes: Readonly<Record<string, string>>;
  readonly open: (name: string) => KommoAccount;
  readonly stop: () => Promise<void>;
}

const A_DAY = 86_400;
const MOST_IN_A_SECOND = 7;
const token = (): string => randomBytes(24).toString('base64url');

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly bearer: string;
  readonly body: string;
  readonly by: number | undefined;
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

const problem = (status: number, title: string, more: object = {}): Reply => ({
  status,
  body: { title, type: `https://httpstatus.es/${status}`, status, ...more },
});

export async function startKommo(options: KommoOptions): Promise<KommoFake> {
  const accounts = new Map<string, ReturnType<typeof openAccount>>();
  const processes = new WeakMap<Socket, number | undefined>();
  const server: Server = createServer((request, response) => {
    void answer(request, response);
  });
  server.on('connection', (socket: Socket) => processes.set(socket, options.processBehind?.(socket)));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    const account = accounts.get(request.headers.host ?? '');
    const asked: Asked = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', 'https://account.kommo.com'),
      bearer: (request.headers.authorization ?? '').replace(/^Bearer /, ''),
      body,
      by: processes.get(request.socket),
    };
    const reply = account === undefined ? problem(404, 'Not Found') : await account.answer(asked);
    if (reply === 'drop') return void request.socket.destroy();
    response.writeHead(reply.status, { 'content-type': 'application/hal+json' }).end(JSON.stringify(reply.body));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    get routes() {
      return Object.fromEntries([...accounts.keys()].map((host) => [host, url]));
    },
    open(name) {
      const account = openAccount(name, options.app);
      accounts.set(account.host, account);
      return account;
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function openAccount(
  name: string,
  app: KommoApp,
): KommoAccount & { readonly answer: (asked: Asked) => Promise<Reply | 'drop'> } {
  const host = `${name}.kommo.com`;
  const counts = { exchanged: 0, refreshed: 0, reused: 0, answered: 0, refused: 0, throttled: 0 };
  const served = new Map<number | undefined, number>();
  const askedForTokens: (number | undefined)[] = [];
  const lives: number[] = [];
  const tokenFailures: number[] = [];
  const codes = new Set<string>();
  const access = new Map<string, number>();
  /** False once used. */
  const refresh = new Map<string, boolean>();
  const tokenHolds: { readonly at: Moment; readonly hold: HoldPoint }[] = [];
  const callHolds: HoldPoint[] = [];
  const callTimes: number[] = [];

  function issue(): Reply {
    const expiresIn = lives.shift() ?? A_DAY;
    const pair = { access_token: token(), refresh_token: token() };
    access.set(pair.access_token, Date.now() + expiresIn * 1000);
    refresh.set(pair.refresh_token, true);
    return { status: 200, body: { token_type: 'Bearer', expires_in: expiresIn, ...pair } };
  }

  function grant(body: string): Reply {
    const given = JSON.parse(body) as Readonly<Record<string, string | undefined>>;
    if (given['client_id'] !== app.clientId || given['client_secret'] !== app.secret)
      return problem(401, 'Unauthorized', { hint: 'Client authentication failed' });
    // Asked for with both grants, although the consent page takes none.
    if (!given['redirect_uri']?.endsWith('/oauth/callback'))
      return problem(400, 'Bad Request', { hint: 'redirect_uri' });
    const { code = '', refresh_token: old = '' } = given;
    if (given['grant_type'] === 'authorization_code') {
      if (!codes.delete(code)) return problem(400, 'Bad Request', { hint: 'Authorization code has been revoked' });
      counts.exchanged += 1;
      return issue();
    }
    if (refresh.get(old) !== true) {
      counts.reused += 1;
      return problem(401, 'Unauthorized', { hint: 'Token has been revoked' });
    }
    refresh.set(old, false);
    counts.refreshed += 1;
    return issue();
  }

  async function askForTokens({ body, by }: Asked): Promise<Reply | 'drop'> {
    askedForTokens.push(by);
    const held = tokenHolds.shift();
    if (held?.at === 'before_use' && (await held.hold.arrive()) === 'drop') return 'drop';
    const failure = tokenFailures.shift();
    const reply = failure === undefined ? grant(body) : problem(failure, 'Service Unavailable');
    if (held?.at === 'after_use' && (await held.hold.arrive()) === 'drop') return 'drop';
    return reply;
  }

  async function call({ url, bearer, by }: Asked): Promise<Reply | 'drop'> {
    if ((access.get(bearer) ?? 0) <= Date.now()) {
      counts.refused += 1;
      return problem(401, 'Unauthorized', { detail: 'The access token has ended' });
    }
    if ((await callHolds.shift()?.arrive()) === 'drop') return 'drop';
    const now = Date.now();
    const recent = callTimes.filter((at) => at > now - 1_000);
    callTimes.splice(0, callTimes.length, ...recent);
    if (recent.length >= MOST_IN_A_SECOND) {
      counts.throttled += 1;
      return problem(429, 'Too Many Requests');
    }
    callTimes.push(now);
    const [, lead] = /^\/api\/v4\/leads\/(\d+)$/.exec(url.pathname) ?? [];
    if (lead === undefined && url.pathname !== '/api/v4/account') return problem(404, 'Not Found');
    counts.answered += 1;
    served.set(by, (served.get(by) ?? 0) + 1);
    return { status: 200, body: lead === undefined ? { id: 1, name, subdomain: name } : { id: Number(lead), name } };
  }

  return {
    host,
    counts,
    served,
    askedForTokens,
    lives,
    tokenFailures,
    consent(authorizeUrl) {
      if (authorizeUrl.searchParams.get('client_id') !== app.clientId) throw new Error('consent for an unknown app');
      const code = token();
      codes.add(code);
      return new URLSearchParams({ code, state: authorizeUrl.searchParams.get('state') ?? '', referer: host });
    },
    endAccess: () => access.clear(),
    holdToken(at) {
      const hold = createHold();
      tokenHolds.push({ at, hold });
      return hold;
    },
    holdCall() {
      const hold = createHold();
      callHolds.push(hold);
      return hold;
    },
    answer: (asked) =>
      asked.method === 'POST' && asked.url.pathname === '/oauth2/access_token' ? askForTokens(asked) : call(asked),
  };
}
