/** `smoke` against the laptop, and against servers that are wrong in one thing. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allmcp, allmcpProcess } from '../cli/set-up.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly checks: readonly { readonly check: string; readonly status: string; readonly message: string }[];
}

/** What no laptop can show. */
const BY_HAND = [
  'old-tls',
  'streaming',
  'administrator',
  'packed-tags',
  'key-disabled',
  'access-changed',
  'timeout',
  'redeploy',
];

let runtime: E2eRuntime;
/** Where the host's clock stands still, while it does: a throttle that refills faster than a busy machine sends is none. */
let frozen: number | undefined;
beforeAll(async () => {
  runtime = await startE2e({ clock: () => frozen ?? Date.now() });
}, START_TIMEOUT_MS);
afterAll(() => runtime.stop());

const keyOf = async (type: 'solo' | 'client' | 'platform') => (await runtime.createKey({ client: 'acme', type })).key;
const statusOf = ({ checks }: Report, status: string) =>
  checks.filter((one) => one.status === status).map(({ check }) => check);

describe('smoke', () => {
  it('passes against the laptop, and names what only AWS can show', async () => {
    frozen = Date.now();
    const args = ['smoke', '--url', `${runtime.url}/mcp`, '--key', await keyOf('platform'), '--burst', '--json'];
    const { code, out, err } = await allmcpProcess(args);
    frozen = undefined;
    const report = JSON.parse(out) as Report;
    expect(report.checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(statusOf(report, 'skip')).toEqual(BY_HAND);
    expect([code, err, report.passed]).toEqual([0, '', report.checks.length - BY_HAND.length]);
    expect(report.passed).toBeGreaterThanOrEqual(12);
  }, 120_000);

  it.each(['solo', 'client'] as const)(
    'with a %s key leaves out what such a key may not do, and passes',
    async (type) => {
      const { code, out } = await allmcp(['smoke', '--url', runtime.url, '--key', await keyOf(type), '--json']);
      const report = JSON.parse(out) as Report;
      expect([code, statusOf(report, 'fail')]).toEqual([0, []]);
      const left =
        type === 'solo' ? ['ids-as-sent', 'long-ids', 'scope', 'burst'] : ['ids-as-sent', 'long-ids', 'burst'];
      expect(statusOf(report, 'skip')).toEqual([...left, ...BY_HAND]);
    },
  );

  it('exits with 1 and names what is wrong, without the key or what a server wrote', async () => {
    const server = createServer((_request, response) => void response.writeHead(200).end('<h1>\u001b[31mhello</h1>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const key = await keyOf('client');
    const { code, out, err } = await allmcp(['smoke', '--url', url, '--key', key]);
    server.closeAllConnections();
    server.close();
    expect([code, err]).toEqual([1, expect.stringMatching(/^\d+ of \d+ checks failed\.\n$/)]);
    expect(out).toMatch(/^fail {2}refusals .*401 was expected, 200 came/m);
    expect(out).toMatch(/^0 passed, \d+ failed, \d+ skipped$/m);
    for (const hidden of [key, 'hello', '\u001b']) expect(out + err).not.toContain(hidden);
  });

  it.each([
    [['smoke', '--key', 'allmcp_x'], 2],
    [['smoke', '--url', 'http://127.0.0.1:1'], 2],
    [['smoke', '--url', 'http://127.0.0.1:1', '--key', 'allmcp_x'], 1],
    [['smoke', '--url', 'http://tools.example.com', '--key', 'KEY'], 1],
    [['smoke', '--url', 'nonsense', '--key', 'KEY'], 1],
  ])('%j ends without asking anything', async (args, wanted) => {
    let asked = 0;
    const fetch = async () => {
      asked += 1;
      return new Response('');
    };
    const key = await keyOf('client');
    const { code, out, err } = await allmcp(
      args.map((one) => (one === 'KEY' ? key : one)),
      { fetch },
    );
    expect([code, out, asked]).toEqual([wanted, '', 0]);
    expect(err).not.toBe('');
  });
});
