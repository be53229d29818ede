/** `oauth-apps` against the real admin app: where the secret comes in, and that it goes nowhere else. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Io } from '../../cli/terminal/io.ts';
import { allmcp, allmcpProcess, startCliServer, type CliServer } from './set-up.ts';

const SECRET = 'canary-client-secret';

let server: CliServer;
let over: Partial<Io>;
let env: Record<string, string>;
beforeAll(async () => {
  server = await startCliServer();
  env = { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: server.operatorKey };
  over = { env, readInput: async () => `${SECRET}\n` };
  await allmcp(['clients', 'create', '--client', 'acme'], over);
});
afterAll(() => server.stop());

const SET = ['oauth-apps', 'set', '--provider', 'kommo', '--client-id', 'id-1', '--client-secret-stdin'];
const PUBLIC = ['--provider', 'kommo', '--client-id', 'x', '--client', 'a'];
const redirect = () => `${server.url}/oauth/callback`;

async function json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T> {
  const { code, out, err } = await allmcp([...args, '--json'], over);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
}

describe('oauth-apps set', () => {
  it('takes the secret from standard input alone and prints the redirect address to register', async () => {
    const args = [...SET, '--client', 'acme', '--json'];
    const { code, out, err } = await allmcpProcess(args, env, undefined, `${SECRET}\n`);
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({
      level: 'client',
      client: 'acme',
      client_id: 'id-1',
      has_secret: true,
      redirect_uri: redirect(),
    });
    expect(out).not.toContain(SECRET);
  });

  it('stores for an organization and for the whole platform', async () => {
    expect(await json(...SET, '--client', 'acme', '--org', 'jsm')).toMatchObject({ level: 'org', org: 'jsm' });
    expect(await json(...SET, '--platform')).toMatchObject({ level: 'platform', client: null });
  });

  it('tells a person what to register, and what a replaced app means', async () => {
    const { out } = await allmcp([...SET, '--client', 'acme', '--client-id', 'id-2', '--yes'], over);
    expect(out).toContain(`\n\n  ${redirect()}\n`);
    expect(out).toMatch(/replaces id-1: .* must be connected again/);
    expect(out).not.toContain(SECRET);
  });

  it('sends the secret as it came, but for the one line end after it', async () => {
    const sent: string[] = [];
    const fetch: Io['fetch'] = async (url, init) => {
      sent.push(typeof init?.body === 'string' ? init.body : '');
      return globalThis.fetch(url, init);
    };
    for (const input of [' s p ', ' s p \n', ' s p \r\n'])
      await allmcp([...SET, '--client', 'acme', '--yes'], { ...over, fetch, readInput: async () => input });
    expect(sent.map((body) => (JSON.parse(body) as { client_secret: string }).client_secret)).toEqual([
      ' s p ',
      ' s p ',
      ' s p ',
    ]);
  });

  describe('over an app with another client id', () => {
    const whose = ['--client', 'acme', '--org', 'working'];
    const stored = async () => {
      const [app] = await json<{ client_id: string }[]>('oauth-apps', 'list', ...whose);
      return app?.client_id;
    };
    const set = (id: string, more: Partial<Io> = {}, ...args: readonly string[]) =>
      allmcp([...SET, ...whose, '--client-id', id, ...args], { ...over, ...more });
    beforeAll(() => set('first'));

    it('is refused without --yes where there is nobody to ask, and reads no secret', async () => {
      const refused = await set('second', { readInput: () => Promise.reject(new Error('read')) });
      expect([refused.code, refused.out, await stored()]).toEqual([1, '', 'first']);
      expect(refused.err).toContain('--yes');
    });

    it('asks on a terminal, and says whose accounts that ends', async () => {
      const asked: string[] = [];
      const ask = (reply: string) => async (question: string) => (asked.push(question), reply);
      expect([(await set('second', { ask: ask('n') })).code, await stored()]).toEqual([1, 'first']);
      expect(asked.join()).toMatch(/first of working of client acme for kommo.*cannot be renewed/);
      expect([(await set('second', { ask: ask('y') })).code, await stored()]).toEqual([0, 'second']);
    });

    it('asks nothing with --yes, for the same client id, or where that owner has no app', async () => {
      expect([(await set('third', {}, '--yes')).code, await stored()]).toEqual([0, 'third']);
      expect((await set('third')).code).toBe(0);
      const fresh = await allmcp([...SET, '--client', 'acme', '--org', 'fresh', '--client-id', 'other'], over);
      expect(fresh.code).toBe(0);
    });
  });

  it('reads nothing and stores a public app when no secret is announced', async () => {
    const args = ['oauth-apps', 'set', '--client', 'acme', '--provider', 'google_sheets', '--client-id', 'public'];
    const reading = { ...over, readInput: () => Promise.reject(new Error('read')) };
    const { code, out } = await allmcp([...args, '--json'], reading);
    expect([code, (JSON.parse(out) as { has_secret: boolean }).has_secret]).toEqual([0, false]);
  });

  it('is refused without the secret where an app with one is stored', async () => {
    const args = ['oauth-apps', 'set', '--client', 'acme', '--org', 'kept', '--provider', 'google_sheets'];
    await json(...args, '--client-id', 'id-1', '--client-secret-stdin');
    const { code, out, err } = await allmcp([...args, '--client-id', 'id-1'], over);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('would remove the stored secret');
    expect(err).toContain('--client-secret-stdin');
  });

  it.each([
    ['without an owner', ['--provider', 'kommo', '--client-id', 'x']],
    ['with two owners', ['--provider', 'kommo', '--client-id', 'x', '--client', 'a', '--platform']],
    ['with an organization of the platform', ['--provider', 'kommo', '--client-id', 'x', '--org', 'o', '--platform']],
    ['with the secret as an argument', [...PUBLIC, '--client-secret', SECRET]],
    ['with the secret in an argument', [...PUBLIC, `--client-secret=${SECRET}`]],
    ['without a client id', ['--provider', 'kommo', '--client', 'a']],
  ])('is wrong usage %s, and asks nothing of the server', async (_name, args) => {
    const before = server.asked.length;
    const { code, out, err } = await allmcp(['oauth-apps', 'set', ...args, '--json'], over);
    expect([code, out, server.asked.length]).toEqual([2, '', before]);
    expect(err).not.toContain(SECRET);
  });

  it('is refused, with what to do, for an empty input and by what the server says', async () => {
    const empty = await allmcp([...SET, '--client', 'acme'], { ...over, readInput: async () => '\n' });
    expect([empty.code, empty.out]).toEqual([1, '']);
    expect(empty.err).toContain('standard input');
    const unknown = await allmcp([...SET.with(3, 'komo'), '--client', 'acme'], over);
    expect([unknown.code, unknown.out]).toEqual([1, '']);
    expect(unknown.err).toContain('Did you mean kommo?');
  });
});

describe('oauth-apps list, test and remove', () => {
  it('show what is stored and never a secret', async () => {
    const rows = await json<Record<string, unknown>[]>('oauth-apps', 'list', '--client', 'acme');
    expect(rows).toContainEqual(expect.objectContaining({ org: 'jsm', has_secret: true, redirect_uri: redirect() }));
    expect(await json<unknown[]>('oauth-apps', 'list', '--client', 'acme', '--org', 'jsm')).toHaveLength(1);
    const { out } = await allmcp(['oauth-apps', 'list'], over);
    expect(out).toMatch(/^PROVIDER +LEVEL +CLIENT +ORGANIZATION +CLIENT ID +SECRET$/m);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(JSON.stringify(rows) + out).not.toContain(SECRET);
    expect((await allmcp(['oauth-apps', 'list', '--org', 'jsm'], over)).code).toBe(2);
  });

  it('test exits with 0 when nothing is wrong, with 1 when nobody could connect', async () => {
    const good = ['oauth-apps', 'test', '--client', 'acme', '--provider', 'kommo'];
    expect(await json(...good)).toMatchObject({ ok: true, redirect_uri: redirect() });
    expect((await allmcp(good, over)).out).toMatch(/^untested +secret +A secret is stored/m);
    const bad = await allmcp(['oauth-apps', 'test', '--client', 'acme', '--provider', 'bitrix24', '--json'], over);
    expect([bad.code, (JSON.parse(bad.out) as { ok: boolean }).ok]).toEqual([1, false]);
    expect(bad.err).toContain('oauth-apps set');
  });

  it('remove asks first, and removes what it named', async () => {
    const args = ['oauth-apps', 'remove', '--client', 'acme', '--org', 'jsm', '--provider', 'kommo'];
    const asked: string[] = [];
    const no = await allmcp(args, { ...over, ask: async (question) => (asked.push(question), 'n') });
    expect([no.code, asked.join()]).toEqual([1, expect.stringContaining('jsm of client acme')]);
    expect(await json(...args, '--yes')).toMatchObject({ org: 'jsm', client_id: 'id-1' });
    expect((await allmcp([...args, '--yes'], over)).code).toBe(1);
  });
});
