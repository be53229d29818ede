/** `events` against the real admin app. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Io } from '../../cli/terminal/io.ts';
import { allmcp, startCliServer, type CliServer } from './set-up.ts';

const URL = 'https://hooks.example.com/allmcp';
const ACME = ['--client', 'acme'];

let server: CliServer;
let over: Partial<Io>;
let folder: string;
beforeAll(async () => {
  server = await startCliServer();
  folder = mkdtempSync(path.join(tmpdir(), 'allmcp-cli-'));
  over = { env: { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: server.operatorKey }, cwd: folder };
  await allmcp(['clients', 'create', ...ACME], over);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
});

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await allmcp([...args, '--json'], over);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as Record<string, unknown>;
}

describe('events', () => {
  it('say what to do where there is no webhook', async () => {
    for (const args of [['show'], ['test'], ['remove', '--yes']]) {
      const { code, out, err } = await allmcp(['events', ...args, ...ACME], over);
      expect([code, out, err]).toEqual([1, '', expect.stringContaining('events set')]);
    }
  });

  it('set prints the secret once, and for a person says what to do with it', async () => {
    const { code, out, err } = await allmcp(['events', 'set', ...ACME, '--url', URL], over);
    expect([code, err]).toEqual([0, '']);
    const [secret, ...more] = out.match(/whsec_\S+/g) ?? [];
    expect([secret, more]).toEqual([expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/), []]);
    expect(out).toContain('Give it to the receiver');
    expect(out).not.toContain('signs along');
    expect(await json('events', 'show', ...ACME)).toEqual({
      client: 'acme',
      url: URL,
      since: expect.any(String),
      changed_at: expect.any(String),
    });
    expect((await allmcp(['events', 'show', ...ACME], over)).out).toContain(URL);
  });

  it('set again says that the old secret signs along', async () => {
    const again = await json('events', 'set', ...ACME, '--url', URL);
    expect(Object.keys(again).toSorted()).toEqual(['changed_at', 'client', 'secret', 'since', 'url']);
    expect((await allmcp(['events', 'set', ...ACME, '--url', URL], over)).out).toContain('signs along for a day');
  });

  it('test queues a ping and names it', async () => {
    expect(await json('events', 'test', ...ACME)).toEqual({ client: 'acme', id: expect.stringMatching(/^evt_/) });
    expect((await allmcp(['events', 'test', ...ACME], over)).out).toMatch(/ping.*evt_/);
  });

  it('remove asks first', async () => {
    const unasked = await allmcp(['events', 'remove', ...ACME], over);
    expect([unasked.code, unasked.err]).toEqual([1, expect.stringContaining('--yes')]);
    expect(await json('events', 'remove', ...ACME, '--yes')).toEqual({ client: 'acme', status: 'removed' });
    expect((await allmcp(['events', 'show', ...ACME], over)).code).toBe(1);
  });

  it.each([
    [['set', '--client', 'acme']],
    [['set', '--client', 'acme', '--url', 'http://hooks.example.com/']],
    [['set', '--client', 'acme', '--url', 'https://10.0.0.1/']],
    [['set', '--client', '', '--url', URL]],
    [['show']],
    [['send', '--client', 'acme']],
  ])('are wrong usage with %j', async (args) => {
    const asked = server.asked.length;
    expect(await allmcp(['events', ...args], over)).toMatchObject({ code: 2, out: '' });
    expect(server.asked).toHaveLength(asked);
  });
});
