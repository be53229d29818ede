/** `connect-link`, `connections`, `usage`, `orgs` and `clients settings` against the real admin app. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Io } from '../../cli/terminal/io.ts';
import { createConnectionStore } from '../../adapters/aws/vault/connection-store.ts';
import { createUsageStore } from '../../adapters/aws/meter/usage-store.ts';
import { tenantId } from '../../core/tenant/tenant.ts';
import { fakeKms } from '../fakes/kms.ts';
import { allmcp, startCliServer, type CliServer } from './set-up.ts';

let server: CliServer;
let over: Partial<Io>;
let folder: string;
beforeAll(async () => {
  server = await startCliServer();
  folder = mkdtempSync(path.join(tmpdir(), 'allmcp-cli-'));
  over = { env: { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: server.operatorKey }, cwd: folder };
  await allmcp(['clients', 'create', '--client', 'acme'], over);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
});

async function json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T> {
  const { code, out, err } = await allmcp([...args, '--json'], over);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
}

const ANN = ['--client', 'acme', '--org', 'jsm', '--user', 'ann'];
const sessions = async () => ({ dynamodb: server.db.client, kms: fakeKms() });

describe('connect-link', () => {
  it('prints the address, the code and the end as one JSON value', async () => {
    const link = await json('connect-link', ...ANN, '--provider', 'kommo', '--connection', 'work');
    expect(Object.keys(link).toSorted()).toEqual(['code', 'expires_at', 'url']);
    expect(link.url).toMatch(new RegExp(`^${server.url}/connect/[\\w-]{43}$`));
  });

  it('tells a person to hand the code over apart from the address', async () => {
    const { out } = await allmcp(['connect-link', ...ANN, '--provider', 'kommo'], over);
    expect(out).toMatch(/\/connect\/[\w-]{43}\n\n.*apart.*\n\n {2}[A-Z2-8]{3}-[A-Z2-8]{3}\n$/);
  });

  it('says what to do about a return address that is not allowed, and about a mistyped provider', async () => {
    const args = ['connect-link', ...ANN, '--provider', 'kommo', '--return-url', 'https://app.example.com/done'];
    const refused = await allmcp(args, over);
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toContain('return_urls');
    await json('clients', 'settings', '--client', 'acme', '--return-url', 'https://app.example.com/');
    expect((await allmcp(args, over)).code).toBe(0);
    const mistyped = await allmcp(['connect-link', ...ANN, '--provider', 'komo'], over);
    expect([mistyped.code, mistyped.err]).toEqual([1, expect.stringContaining('kommo')]);
  });

  it('says that an organization without a user does not count', async () => {
    const args = ['connect-link', '--client', 'acme', '--org', 'jsm', '--provider', 'kommo', '--json'];
    const { code, out, err } = await allmcp(args, over);
    expect([code, Object.keys(JSON.parse(out) as object)]).toEqual([0, ['url', 'code', 'expires_at']]);
    expect(err).toContain('default user');
  });

  it.each([
    [['--provider', 'kommo']],
    [['--client', 'acme']],
    [['--client', '', '--provider', 'kommo']],
    [['--client', 'acme', '--provider', 'kommo', '--code', 'x']],
  ])('is wrong usage with %j', async (args) => {
    expect(await allmcp(['connect-link', ...args], over)).toMatchObject({ code: 2, out: '' });
  });
});

describe('connections and usage', () => {
  it('show one user, and remove by name', async () => {
    const tenant = tenantId({ client: 'acme', org: 'jsm', user: 'ann' });
    const bytes = Buffer.from('x');
    const store = createConnectionStore({ sessions, table: server.db.tenantsTable });
    for (const name of ['default', 'work'])
      await store.put(tenant, {
        provider: 'kommo',
        name,
        auth: 'oauth',
        accountName: `Ann\u001b[31m (${name})`,
        facts: {},
        status: name === 'work' ? 'needs_reconnecting' : 'active',
        connectedAt: '2026-11-22T10:00:00.000Z',
        version: 'v1',
        envelope: { v: 1, edk: bytes, iv: bytes, ct: bytes, tag: bytes },
      });
    const counted = createUsageStore({
      sessions,
      table: server.db.tenantsTable,
      clock: () => Date.parse('2026-11-22T11:00:00.000Z'),
    });
    await counted.count(tenant, 'kommo', 'work', true);

    const listed = await json<Record<string, unknown>[]>('connections', 'list', ...ANN);
    expect(listed.map(({ connection, status }) => [connection, status])).toEqual([
      ['default', 'active'],
      ['work', 'needs_reconnecting'],
    ]);
    const table = (await allmcp(['connections', 'list', ...ANN], over)).out;
    expect(table).toMatch(/^kommo +work .* reconnect +2026-11-22 +2026-11-22$/m);
    expect(table).not.toContain('\u001b');

    expect(await json('usage', ...ANN)).toMatchObject([
      { month: '2026-11', provider_key: 'kommo', calls: 1, failures: 1 },
    ]);
    expect(await json('usage', ...ANN, '--month', '2026-10')).toEqual([]);
    expect((await allmcp(['usage', ...ANN], over)).out).toMatch(/^2026-11 +kommo +work +1 +1 +2026-11-22$/m);
    expect((await allmcp(['usage', ...ANN, '--month', 'november'], over)).code).toBe(2);

    const remove = ['connections', 'remove', ...ANN, '--provider', 'kommo'];
    expect((await allmcp([...remove, '--connection', 'work'], over)).err).toContain('--yes');
    const alone = ['connections', 'remove', '--client', 'acme', '--org', 'jsm', '--provider', 'kommo', '--yes'];
    const refused = await allmcp(alone, over);
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('--org needs --user')]);
    const unclear = await allmcp([...remove, '--yes'], over);
    expect([unclear.code, unclear.err]).toEqual([1, expect.stringContaining('default, work')]);
    expect(await json(...remove, '--connection', 'work', '--yes')).toMatchObject({ connection: 'work' });
    expect((await allmcp([...remove, '--yes'], over)).out).toContain('The vendor was not told');
    const none = await allmcp(['connections', 'list', ...ANN], over);
    expect([none.code, none.out, none.err]).toEqual([0, '', expect.stringContaining('connect-link')]);
  });
});

describe('clients settings', () => {
  const settings = (...args: readonly string[]) => json('clients', 'settings', '--client', 'acme', ...args);

  it('shows and changes each setting, and leaves the others alone', async () => {
    await settings('--name', 'Acme', '--color', '#1d4ed8', '--org-app', 'refuse', '--inline-credentials', 'refuse');
    await settings('--return-url', 'https://a.example.com/', '--return-url', 'https://b.example.com/x');
    await settings('--embedding-origin', 'https://a.example.com');
    const expected = {
      client: 'acme',
      brand: { name: 'Acme', logo_url: null, color: '#1d4ed8' },
      return_urls: ['https://a.example.com/', 'https://b.example.com/x'],
      embedding_origins: ['https://a.example.com'],
      org_app: 'refuse',
      inline_credentials: 'refuse',
    };
    expect(await settings()).toEqual(expected);
    expect((await allmcp(['clients', 'settings', '--client', 'acme'], over)).out).toContain('https://b.example.com/x');
    expect(await settings('--clear', 'color', '--clear', 'return-urls', 'embedding-origins')).toEqual({
      ...expected,
      brand: { ...expected.brand, color: null },
      return_urls: [],
      embedding_origins: [],
    });
  });

  it('turns a picture into a data address by what is in it, not by its name', async () => {
    const pictures: readonly (readonly [Buffer, string])[] = [
      [Buffer.from('89504e470d0a1a0a00', 'hex'), 'image/png'],
      [Buffer.from('ffd8ffe000', 'hex'), 'image/jpeg'],
      [Buffer.from('GIF89a...'), 'image/gif'],
      [Buffer.from('RIFF\u0000\u0001\u0002\u0003WEBPVP8'), 'image/webp'],
      [Buffer.from('<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml'],
    ];
    for (const [bytes, type] of pictures) {
      writeFileSync(path.join(folder, 'logo.txt'), bytes);
      const { brand } = await settings('--logo', 'logo.txt');
      expect(brand).toMatchObject({ logo_url: `data:${type};base64,${bytes.toString('base64')}` });
    }
  });

  it('refuses a file that is no picture, too large or not there', async () => {
    writeFileSync(path.join(folder, 'page.png'), '<html><svg></svg></html>');
    writeFileSync(
      path.join(folder, 'huge.png'),
      Buffer.concat([Buffer.from('89504e470d0a', 'hex'), Buffer.alloc(50_000)]),
    );
    for (const [file, says] of [
      ['page.png', 'not a picture'],
      ['huge.png', 'too large'],
      ['none.png', 'cannot be read'],
    ] as const) {
      const before = server.asked.length;
      const refused = await allmcp(['clients', 'settings', '--client', 'acme', '--logo', file], over);
      expect([refused.code, refused.out, server.asked.length]).toEqual([1, '', before]);
      expect(refused.err).toContain(says);
    }
  });

  it.each([
    [['--color', 'red']],
    [['--name', '']],
    [['--org-app', 'maybe']],
    [['--inline-credentials', 'yes']],
    [['--clear', 'everything']],
    [['--name', 'x', '--clear', 'name']],
    [['--return-url', 'https://a.example.com/', '--clear', 'return-urls']],
  ])('is wrong usage with %j', async (args) => {
    expect(await allmcp(['clients', 'settings', '--client', 'acme', ...args], over)).toMatchObject({
      code: 2,
      out: '',
    });
  });

  it('of an unknown client are refused', async () => {
    const { code, out, err } = await allmcp(['clients', 'settings', '--client', 'nobody'], over);
    expect([code, out, err]).toEqual([1, '', expect.stringContaining('no such client')]);
  });
});

describe('orgs', () => {
  it('are given a look, listed, and given the default back', async () => {
    const none = await allmcp(['orgs', 'list', '--client', 'acme'], over);
    expect([none.code, none.out, none.err]).toEqual([0, '', expect.stringContaining('orgs set')]);
    const set = ['orgs', 'set', '--client', 'acme', '--org', 'jsm'];
    expect(await json(...set, '--name', 'JSM', '--color', '#fff')).toEqual({
      client: 'acme',
      org: 'jsm',
      brand: { name: 'JSM', logo_url: null, color: '#fff' },
    });
    expect(await json('orgs', 'list', '--client', 'acme')).toEqual([
      { org: 'jsm', name: 'JSM', color: '#fff', oauth_apps: [] },
    ]);
    expect((await allmcp(['orgs', 'list', '--client', 'acme'], over)).out).toMatch(/^jsm +JSM +#fff +-$/m);
    expect(await json(...set, '--clear', 'name', 'color')).toMatchObject({ brand: { name: null, color: null } });
    expect((await allmcp(set, over)).code).toBe(2);
  });
});
