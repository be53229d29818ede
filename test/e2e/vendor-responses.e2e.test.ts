/** Responses of a vendor as they go over a wire, through the deployed bundle: packed, marked, moved, empty, cleaned. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync, brotliCompressSync, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callTool, closeConnections, type Target } from './rpc.ts';
import { START_TIMEOUT_MS, startE2e, type E2eRuntime } from './runtime.ts';

interface Seen {
  readonly host: string;
  readonly path: string;
  readonly encodings: string;
}

let vendor: Server;
let runtime: E2eRuntime;
let target: Target;
const seen: Seen[] = [];

const lead = (id: number, name = `Lead ${id}`) => JSON.stringify({ id, name });
type Headers = Readonly<Record<string, string>>;

/** By the id of the lead that is asked for. */
const LEADS: Readonly<Record<string, () => readonly [number, Headers, string | Buffer]>> = {
  1: () => [200, { 'content-encoding': 'gzip' }, gzipSync(lead(1))],
  2: () => [200, { 'content-encoding': 'br' }, brotliCompressSync(lead(2))],
  3: () => [200, { 'content-encoding': 'deflate' }, deflateSync(lead(3))],
  4: () => [200, {}, `\uFEFF${lead(4)}`],
  5: () => [200, { 'content-encoding': 'zstd' }, 'whatever'],
  6: () => [204, {}, ''],
  7: () => [301, { location: 'https://renamed.kommo.com/api/v4/leads/1' }, ''],
  8: () => [301, { location: 'https://attacker.example/api/v4/leads/1' }, ''],
  9: () => [200, { 'content-encoding': 'gzip' }, gzipSync('x'.repeat(30_000_000))],
  10: () => [200, {}, '{"id":9007199254740993,"name":"half \\ud83d"}'],
};

function serve(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '').replace(/\?.*/, '');
  const encodings = String(request.headers['accept-encoding']);
  seen.push({ host: String(request.headers.host), path, encodings });
  const account = JSON.stringify({ name: `\u202EAcme${'!'.repeat(500)}` });
  const respond = LEADS[path.split('/').at(-1) ?? ''];
  const [status, headers, body] = respond === undefined ? ([200, {}, account] as const) : respond();
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}

beforeAll(async () => {
  vendor = createServer(serve);
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  runtime = await startE2e({ routes: { 'acme.kommo.com': url, 'renamed.kommo.com': url } });
  const { key } = await runtime.createKey({ client: 'acme', type: 'solo' });
  target = { url: runtime.mcp(), key };
}, START_TIMEOUT_MS);
afterAll(async () => {
  await runtime.stop();
  vendor.closeAllConnections();
  vendor.close();
  closeConnections();
});

const get = async (lead_id: number) => (await callTool(target, 'kommo_get_lead', { lead_id })).value;

describe('a response of a vendor', () => {
  it('names the account that is connected, cleaned and cut', async () => {
    const call = { provider_key: 'kommo', extra_fields: { subdomain: 'acme', access_token: 'canary' } };
    const { value } = await callTool(target, 'connect_provider', call);
    expect(value).toMatchObject({ status: 'connected', account: `Acme${'!'.repeat(196)}` });
  });

  it('is asked for packed, and read in every packing that it comes in', async () => {
    for (const id of [1, 2, 3, 4]) expect(await get(id)).toMatchObject({ item: { id, name: `Lead ${id}` } });
    expect(seen.at(-1)?.encodings).toBe('gzip, deflate, br');
    expect(await get(5)).toMatchObject({ code: 'provider_down', message: expect.stringContaining('encoding') });
    expect(await get(9)).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('12 MB') });
  });

  it('keeps long numbers whole and texts well-formed', async () => {
    expect(await get(10)).toMatchObject({ item: { id: '9007199254740993', name: 'half \uFFFD' } });
  });

  it('without a record is not_found', async () => {
    expect(await get(6)).toMatchObject({ code: 'not_found' });
  });

  it("of an account that was renamed is followed to its new address, and to nobody else's", async () => {
    expect(await get(7)).toMatchObject({ item: { id: 1 } });
    expect(seen.at(-1)).toMatchObject({ host: 'renamed.kommo.com', path: '/api/v4/leads/1' });
    const before = seen.length;
    expect(await get(8)).toMatchObject({ code: 'provider_down', next: expect.stringContaining('renamed') });
    expect(seen.length - before).toBe(1);
  });
});
