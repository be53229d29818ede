/** `keys` and `clients` against the real admin app: what is printed where, and what is asked before it is done. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Io } from '../../cli/terminal/io.ts';
import { isWellFormedKey } from '../../core/keys/api-key.ts';
import { allmcp, startCliServer, type CliServer } from './set-up.ts';

let server: CliServer;
let over: Partial<Io>;
beforeAll(async () => {
  server = await startCliServer();
  over = { env: { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: server.operatorKey } };
});
afterAll(() => server.stop());

async function json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T> {
  const { code, out, err } = await allmcp([...args, '--json'], over);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
}
const create = (client: string, ...more: readonly string[]) =>
  json<{ id: string; key: string }>('keys', 'create', '--client', client, '--type', 'platform', ...more);
const list = (client: string) => json<Record<string, unknown>[]>('keys', 'list', '--client', client);

describe('keys create', () => {
  it('hands over every option and prints the new key as one JSON value', async () => {
    const options = [
      '--org',
      'o1',
      '--org',
      'o2',
      '--require-user',
      '--name',
      'n',
      '--expires',
      '90d',
      '--rpm',
      '60',
      '--monthly',
      '500',
    ];
    const made = await create('acme', ...options);
    expect(made).toMatchObject({
      client: 'acme',
      type: 'platform',
      orgs: ['o1', 'o2'],
      require_user: true,
      name: 'n',
      rpm: 60,
      monthly: 500,
    });
    expect(isWellFormedKey(made.key)).toBe(true);
  });

  it('shows a person the key once, and that the client is new', async () => {
    const { code, out, err } = await allmcp(['keys', 'create', '--client', 'fresh', '--type', 'solo'], over);
    expect([code, err]).toEqual([0, '']);
    expect(out.match(/allmcp_[A-Za-z0-9]{32}/g)).toHaveLength(1);
    expect(out).toContain('Client fresh is new');
  });

  it.each([
    [['--client', 'a', '--type', 'root']],
    [['--client', 'a', '--type', 'solo', '--require-user']],
    [['--client', 'a']],
    [['--type', 'solo']],
    [['--client', '', '--type', 'solo']],
    [['--client', 'a\nb', '--type', 'solo']],
    [['--client', 'a', '--type', 'solo', '--rpm', '0']],
    [['--client', 'a', '--type', 'solo', '--rpm', '1e3']],
    [['--client', 'a', '--type', 'solo', '--rpm', '1000001']],
    [['--client', 'a', '--type', 'solo', '--monthly', 'many']],
    [['--client', 'a', '--type', 'solo', '--expires', 'soon']],
    [['--client', 'a', '--type', 'solo', '--expires', '4000d']],
    [['--client', 'a', '--type', 'solo', '--expires', '90']],
    [['--client', 'a', '--type', 'solo', '--name', '']],
    [['--client', 'a', '--type', 'client', '--org', 'o']],
    [['--client', 'a', '--type', 'platform', '--org', '']],
    [['--client', 'a', '--type', 'solo', '--unknown']],
    [['--client', 'a', '--type', 'solo', 'extra']],
  ])('is wrong usage with %j, and nothing is asked of the server', async (args) => {
    const before = server.asked.length;
    const { code, out, err } = await allmcp(['keys', 'create', ...args, '--json'], over);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error: /);
    expect(server.asked).toHaveLength(before);
  });
});

describe('keys list', () => {
  it('prints JSON rows without a key', async () => {
    const { id, key } = await create('lister');
    const rows = await list('lister');
    expect(rows).toMatchObject([{ id, client: 'lister', type: 'platform', status: 'active', last_used: null }]);
    expect(JSON.stringify(rows)).not.toContain(key);
  });

  it('prints a table that fits 80 columns, whatever the names hold', async () => {
    const client = `wide-${'ü🧪'.repeat(60)}`;
    await create(client, '--name', 'n'.repeat(100));
    const { out } = await allmcp(['keys', 'list', '--client', client], over);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^ID +CLIENT +TYPE +STATUS +NAME +EXPIRES +LAST USED +USED +LEFT$/);
    expect(lines[1]).toMatch(/^k_[A-Za-z0-9]{12} +wide-.*… +platform +active +n+… +never +never +- +-$/);
    // A picture takes two columns.
    for (const line of lines) expect(Array.from(line.replaceAll('🧪', '??')).length).toBeLessThanOrEqual(80);
  });

  it('says on standard error that there is none', async () => {
    const { code, out, err } = await allmcp(['keys', 'list', '--client', 'nobody'], over);
    expect([code, out]).toEqual([0, '']);
    expect(err).toContain('keys create');
    expect(await list('nobody')).toEqual([]);
  });
});

describe('keys set', () => {
  it('changes what is named, and takes limits and the end away by a word', async () => {
    const { id } = await create('changing', '--rpm', '5', '--name', 'before');
    const set = (...args: readonly string[]) => json<Record<string, unknown>>('keys', 'set', '--id', id, ...args);
    expect(await set('--monthly', '100', '--name', 'after')).toMatchObject({
      id,
      name: 'after',
      rpm: 5,
      monthly: 100,
      used: 0,
      left: 100,
    });
    expect(await set('--expires', '90d', '--confirm', 'outward')).toMatchObject({
      expires_at: expect.any(String),
      confirm: 'outward',
    });
    expect(await set('--rpm', 'none', '--monthly', 'none', '--expires', 'never')).toMatchObject({
      name: 'after',
      rpm: null,
      monthly: null,
      expires_at: null,
      confirm: 'outward',
    });
    const { out } = await allmcp(['keys', 'set', '--id', id, '--rpm', '7'], over);
    expect(out).toMatch(new RegExp(`^Key ${id} of client changing is changed: .*7 a minute, no limit a month`));
  });

  it.each([
    [[]],
    [['--rpm', '0']],
    [['--rpm', 'never']],
    [['--monthly', 'many']],
    [['--expires', '90']],
    [['--expires', 'none']],
    [['--confirm', 'always']],
    [['--name', '']],
  ])('is wrong usage with %j, and nothing is asked of the server', async (args) => {
    const before = server.asked.length;
    const { code, out } = await allmcp(['keys', 'set', '--id', 'k_1', ...args, '--json'], over);
    expect([code, out]).toEqual([2, '']);
    expect(server.asked).toHaveLength(before);
  });
});

describe('keys revoke and keys rotate', () => {
  it('do what they say with --yes', async () => {
    const { id } = await create('ends');
    const rotated = await json<{ id: string }>('keys', 'rotate', '--id', id, '--yes');
    expect(rotated).toMatchObject({ client: 'ends', replaces: { id, status: 'revoked' } });
    expect(await json('keys', 'revoke', '--id', rotated.id, '--yes')).toMatchObject({ status: 'revoked' });
    expect((await list('ends')).map(({ status }) => status)).toEqual(['revoked', 'revoked']);
  });

  it('take a grace with its unit only', async () => {
    expect((await allmcp(['keys', 'rotate', '--id', 'k_1', '--grace', '60', '--yes'], over)).code).toBe(2);
  });

  it('tell a person how long the old key works', async () => {
    const { id } = await create('graceful');
    const { out } = await allmcp(['keys', 'rotate', '--id', id, '--grace', '1h', '--yes'], over);
    expect(out).toMatch(new RegExp(`The old key ${id} works until 20`));
  });

  it.each(['revoke', 'rotate'])('%s is refused without --yes where there is nobody to ask', async (act) => {
    const { id } = await create('asked');
    const before = server.asked.length;
    const { code, out, err } = await allmcp(['keys', act, '--id', id], over);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('--yes');
    expect(server.asked).toHaveLength(before);
  });

  it.each([
    ['n', 'active'],
    ['', 'active'],
    ['yes please', 'active'],
    ['y', 'revoked'],
    ['YES', 'revoked'],
  ])('ask on a terminal, and the answer %j leaves the key %s', async (reply, status) => {
    const { id } = await create(`reply-${reply}`);
    let question = '';
    const ask = async (text: string) => {
      question = text;
      return reply;
    };
    const { code } = await allmcp(['keys', 'revoke', '--id', id], { ...over, ask });
    expect(question).toContain(id);
    expect(code).toBe(status === 'revoked' ? 0 : 1);
    expect(await list(`reply-${reply}`)).toMatchObject([{ status }]);
  });

  it('refuse a key of another client than the one named', async () => {
    const { id } = await create('owner');
    const { code, err } = await allmcp(['keys', 'revoke', '--id', id, '--client', 'other', '--yes'], over);
    expect(code).toBe(1);
    expect(err).toContain('no key with this id');
    expect(await list('owner')).toMatchObject([{ status: 'active' }]);
  });
});

describe('clients', () => {
  it('are created and listed', async () => {
    expect(await json('clients', 'create', '--client', 'ä/b')).toMatchObject({ id: 'ä/b' });
    expect(await json<{ id: string }[]>('clients', 'list')).toContainEqual(expect.objectContaining({ id: 'ä/b' }));
    const { out } = await allmcp(['clients', 'list'], over);
    expect(out).toMatch(/^CLIENT +CREATED/);
    expect(out).toContain('ä/b');
  });

  it('are deleted when nothing is left of them, after a yes', async () => {
    const { id } = await create('going');
    const refused = await allmcp(['clients', 'delete', '--client', 'going', '--yes', '--json'], over);
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toContain('1 working key');
    await json('keys', 'revoke', '--id', id, '--yes');
    expect((await allmcp(['clients', 'delete', '--client', 'going'], over)).err).toContain('--yes');
    expect(await json('clients', 'delete', '--client', 'going', '--yes')).toEqual({ id: 'going', status: 'deleted' });
    expect((await allmcp(['clients', 'delete', '--client', 'going', '--yes'], over)).code).toBe(1);
  });

  it('are refused a second time, with the reason and what to do on standard error', async () => {
    await json('clients', 'create', '--client', 'twice');
    const { code, out, err } = await allmcp(['clients', 'create', '--client', 'twice', '--json'], over);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('exists already');
  });
});
