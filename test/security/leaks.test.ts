/** Marked secrets through the whole path: what is stored, answered and logged. Each name is a sentence of docs/security.md. */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnectionStore } from '../../adapters/aws/vault/connection-store.ts';
import type { TenantSessions } from '../../adapters/aws/tenant-session.ts';
import { createUsageStore } from '../../adapters/aws/meter/usage-store.ts';
import type { Transport } from '../../core/egress/egress.ts';
import { SYSTEM_TOOLS } from '../../lambda/mcp/tools/index.ts';
import { startDynamoDb, type TestDynamoDb } from '../fakes/dynamodb.ts';
import { endpoint, firstClient } from '../lambda/mcp/endpoint.ts';

/** The credential, an argument and a record of the provider, each findable wherever it turns up. */
const CREDENTIAL = 'tok_canarycredential';
const ARGUMENT = 'canary-argument';
const RECORD = 'canary-record';

const provider: Transport = async ({ url, headers }) => {
  const answer = (value: unknown, status = 200) => ({ status, headers: {}, text: JSON.stringify(value) });
  if (headers['authorization'] !== `Bearer ${CREDENTIAL}`) return answer({ error: 'REVOKED' }, 401);
  if (url.pathname === '/api/me') return answer({ name: 'Ann' });
  if (url.pathname.endsWith('broken')) throw new TypeError(`${RECORD} ${CREDENTIAL} ${url.href}`);
  if (url.pathname.endsWith('/things')) return answer({ rows: [{ ID: 1, TEXT: RECORD }] });
  return answer({ item: { id: '1', color: RECORD } });
};

let db: TestDynamoDb;
let answers: string;
let logged: string;
let stored: string;

beforeAll(async () => {
  db = await startDynamoDb();
  const kms = new KMSClient({ region: 'us-east-1' });
  const sessions: TenantSessions = async () => ({ dynamodb: db.client, kms });
  const { fetch, lines } = endpoint({
    transport: provider,
    deps: {
      connections: createConnectionStore({ sessions, table: db.tenantsTable }),
      usage: createUsageStore({ sessions, table: db.tenantsTable, clock: Date.now }),
    },
  });
  const client = await firstClient(fetch);
  const texts: string[] = [];
  const call = async (name: string, args: Record<string, unknown> = {}) =>
    texts.push(JSON.stringify(await client.callTool({ name, arguments: args })));
  await call('connect_provider', { provider_key: 'example', api_key: CREDENTIAL });
  await call('connect_provider', { provider_key: 'example', api_key: 'tok_canarywrong', connection: 'second' });
  await call('connect_provider', { provider_key: 'example', api_key: 'canary malformed', connection: 'third' });
  await call('example_list_things', { color: ARGUMENT });
  await call('example_get_thing', { id: ARGUMENT });
  await call('call_tool', { tool: 'example_paint_thing', arguments: { id: '1', color: ARGUMENT } });
  await call('example_get_thing', { id: 'broken' });
  await call('example_get_thing', { wrong: ARGUMENT });
  for (const tool of SYSTEM_TOOLS)
    if (!/connect_provider|call_tool/.test(tool.name)) await call(tool.name, given(tool.name));
  texts.push(JSON.stringify(await client.listTools()));
  answers = texts.join('\n');
  logged = lines.join('\n');
  stored = JSON.stringify((await db.client.send(new ScanCommand({ TableName: db.tenantsTable }))).Items, asText);
  await client.close();
}, 30_000);
afterAll(() => db.stop());

function given(tool: string): Record<string, unknown> {
  const known: Readonly<Record<string, Record<string, unknown>>> = {
    describe_category: { provider_key: 'example', category: 'things' },
    search_tools: { query: 'thing' },
    report_issue: { summary: 'It fails', description: 'Often' },
  };
  return known[tool] ?? {};
}

/** Bytes as they are, so that a text inside them would be found. */
function asText(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
}

describe('credentials and logs', () => {
  it('a stored connection holds no field of its credential in clear', () => {
    expect(stored).toContain('CONN#example#default');
    expect(stored).not.toMatch(/canary(credential|wrong| malformed)/);
  });

  it('a credential that the provider refuses is not stored', () => {
    expect(answers).toContain('refused this credential');
    expect(stored).not.toMatch(/CONN#example#(second|third)/);
  });

  it("a tool's arguments and a provider's records are not stored in clear", () => {
    expect(stored).toContain('USE#');
    expect(stored).not.toMatch(/canary-(argument|record)/);
  });

  it('no tool answers with a credential, accepted or refused', () => {
    expect(answers).toContain(RECORD);
    expect(answers).toContain('"status":"connected"');
    expect(answers).not.toMatch(/canary(credential|wrong| malformed)/);
  });

  it('no log line holds a credential, an argument, a record or an address as it was sent', () => {
    expect(logged.split('\n').length).toBeGreaterThan(10);
    expect(logged).toContain('"event":"tool call"');
    expect(logged).toContain('"event":"tool call failed"');
    expect(logged).not.toMatch(/canary|https?:/);
  });

  it('a redirect of a provider is followed for a read and within its own hosts only', async () => {
    const asked: string[] = [];
    let location = '';
    const { fetch } = endpoint({
      transport: async (request) => {
        asked.push(request.url.hostname);
        if (request.url.pathname === '/api/me') return provider(request, AbortSignal.timeout(1_000));
        if (request.url.pathname === '/elsewhere') return { status: 200, headers: {}, text: '{"item":{"id":"1"}}' };
        return { status: 302, headers: { location }, text: '' };
      },
    });
    const client = await firstClient(fetch);
    await client.callTool({ name: 'connect_provider', arguments: { provider_key: 'example', api_key: CREDENTIAL } });
    const hostsAskedBy = async (name: string, to: string) => {
      location = to;
      asked.length = 0;
      const args = name === 'example_get_thing' ? { id: '1' } : { id: '1', color: 'red' };
      const { isError } = await client.callTool({ name, arguments: args });
      return { isError: isError === true, asked: [...asked] };
    };
    const own = 'https://two.example.com/elsewhere';
    const first = 'one.example.com';
    expect(await hostsAskedBy('example_get_thing', own)).toEqual({ isError: false, asked: [first, 'two.example.com'] });
    expect(await hostsAskedBy('example_paint_thing', own)).toEqual({ isError: true, asked: [first] });
    const others = [
      'https://example.com.evil.example/elsewhere',
      'http://two.example.com/elsewhere',
      'https://10.0.0.1/',
    ];
    for (const other of others)
      expect(await hostsAskedBy('example_get_thing', other)).toEqual({ isError: true, asked: [first] });
    await client.close();
  });
});
