/**
 * The runtime with Kommo accounts on loopback, one for each user of one client: connected by consent, called by MCP.
 * Accounts begin with tokens that are said to live a second; those that follow live a day.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startKommo, type KommoAccount } from '../fakes/kommo.ts';
import { processBehind } from './function-processes.ts';
import { httpBrowser, type Invitation } from './http-browser.ts';
import { callTool, closeConnections, type Target, type ToolAnswer } from './rpc.ts';
import { startE2e, type E2eOptions, type E2eRuntime } from './runtime.ts';

export const CLIENT = 'acme';
const APP = { clientId: 'app-1', secret: 'app-secret' };
const PATIENCE_MS = 20_000;

export interface KommoSetUp {
  readonly runtime: E2eRuntime;
  readonly accountOf: (user: string) => KommoAccount;
  readonly targetOf: (user: string) => Target;
  readonly connect: (user: string) => Promise<void>;
  readonly getLead: (user: string, lead: number) => Promise<ToolAnswer>;
  /** Makes the MCP function have at least this many processes, with calls of a user who has nothing else to do. */
  readonly startProcesses: (user: string, count: number) => Promise<void>;
  /** Waits until this many calls have read their connection, counted from `run` on. */
  readonly untilRead: (count: number, run: () => void) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** @param users whose accounts are connected; `lives` are the seconds that the first token is said to live. */
export async function setUpKommo(
  users: readonly { readonly user: string; readonly lives?: number }[],
  options: E2eOptions,
): Promise<KommoSetUp> {
  const vendor = await startKommo({ app: APP, processBehind });
  const accounts = new Map(users.map(({ user }) => [user, vendor.open(user)]));
  const runtime = await startE2e({ ...options, routes: vendor.routes });
  const app = { provider: 'kommo', client_id: APP.clientId, client_secret: APP.secret };
  await statusOf(200, await runtime.admin('PUT', '/oauth-apps', app));
  const { key } = await runtime.createKey({ client: CLIENT, type: 'client' });

  const accountOf = (user: string): KommoAccount => {
    const account = accounts.get(user);
    if (account === undefined) throw new Error(`no account ${user}`);
    return account;
  };
  const connect = async (user: string): Promise<void> => {
    const made = await runtime.admin('POST', '/connect-links', { client: CLIENT, user, provider: 'kommo' });
    const link = (await (await statusOf(201, made)).json()) as Invitation;
    const browser = httpBrowser();
    const back = accountOf(user).consent(await browser.toConsent(link, { way: 'oauth' }));
    await statusOf(200, await browser.visit(`${runtime.url}/oauth/callback?${back.toString()}`));
  };
  const targetOf = (user: string): Target => ({ url: runtime.mcp({ user_id: user }), key });
  const getLead = (user: string, lead: number): Promise<ToolAnswer> =>
    callTool(targetOf(user), 'kommo_get_lead', { lead_id: lead });

  for (const { user, lives } of users) {
    if (lives !== undefined) accountOf(user).lives.push(lives);
    await connect(user);
  }
  await delay(1_000 * Math.max(...users.map(({ lives = 0 }) => lives)));

  return {
    runtime,
    accountOf,
    targetOf,
    connect,
    getLead,
    async startProcesses(user, count) {
      // Another process is started only while all others are held up: so each gets a call that stays.
      const holds = Array.from({ length: count }, () => accountOf(user).holdCall());
      const calls = holds.map((_, i) => getLead(user, i + 1));
      await Promise.all(holds.map(({ reached }) => reached));
      for (const { end } of holds) end('go_on');
      if (!(await Promise.all(calls)).every((answer, i) => isLead(answer, i + 1))) throw new Error('a call failed');
    },
    async untilRead(count, run) {
      runtime.resetAwsCalls();
      run();
      const late = AbortSignal.timeout(PATIENCE_MS);
      while (runtime.awsCalls().filter(({ action }) => action === 'dynamodb:Query').length < count)
        await delay(20, undefined, { signal: late });
    },
    async stop() {
      await runtime.stop();
      await vendor.stop();
      closeConnections();
    },
  };
}

/** Whether this is the lead that was asked for. */
export function isLead({ isError, value }: ToolAnswer, lead: number): boolean {
  const { id } = Object(value['item']) as { id?: number };
  return !isError && id === lead;
}

async function statusOf(wanted: number, answer: Response): Promise<Response> {
  if (answer.status === wanted) return answer;
  throw new Error(`${answer.status} in the place of ${wanted}: ${await answer.text()}`);
}
