/** Hostile requests against the MCP app in process. `FUZZ_SEED=n FUZZ_RUNS=n` runs a failure again. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Connection } from '../../core/vault/connection.ts';
import type { Transport } from '../../core/egress/egress.ts';
import type { TenantPrincipal } from '../../core/keys/principal.ts';
import { principalOf } from '../fakes/principal.ts';
import { ADDRESS, endpoint } from '../lambda/mcp/endpoint.ts';
import { checkLog, checkMcpBody, within } from './answers.ts';
import { mcpRequest, type McpRequest } from './mcp-requests.ts';
import { type Samples } from './mcp-params.ts';
import { fuzzSettings } from './settings.ts';

const LONG = 'y'.repeat(60_000);

/** A vendor that answers what was asked of it, in pages and at length. */
const vendor: Transport = async ({ url, method, headers, body }) => {
  const answer = (value: unknown, status = 200) => ({ status, headers: {}, text: JSON.stringify(value) });
  if (headers['authorization'] !== 'Bearer tok_good') return answer({ error: 'REVOKED' }, 401);
  if (url.pathname === '/api/me') return answer({ name: 'Ann' });
  if (url.pathname === '/api/things') return answer({ rows: [{ ID: 1, TEXT: 'first' }], total: 100, next: 50 });
  if (method === 'GET') return answer({ item: { id: '1', color: 'red', text: LONG } });
  return answer({ asked: body?.slice(0, 100) });
};

const world = endpoint({ transport: vendor });
const PRINCIPALS: readonly TenantPrincipal[] = [
  principalOf(),
  principalOf({}, { confirm: 'never' }),
  principalOf({}, { confirm: 'outward', limits: { rpm: 1, monthly: 1 } }),
  principalOf({ user: 'u' }, { policy: { ...principalOf().policy, inline_credentials: 'refuse' } }),
];
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {}, url: {} } },
  'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
};

async function send({ query, headers, body }: McpRequest, principal: TenantPrincipal) {
  const all = new Headers();
  for (const [name, value] of headers) all.append(name, value);
  const request = new Request(ADDRESS + query, { method: 'POST', headers: all, body: Buffer.from(body) });
  const response = await world.app(request, principal, {
    requestId: 'r',
    budgetMs: 4_000,
    publicUrl: 'https://gateway.test',
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

async function callTool(name: string, args: object): Promise<Record<string, unknown>> {
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args, _meta: META } };
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name };
  const { text } = await send(
    {
      query: '',
      headers: [...Object.entries(headers), ['content-type', 'application/json']],
      body: Buffer.from(JSON.stringify(body)),
    },
    principalOf(),
  );
  return (JSON.parse(text) as { result: Record<string, unknown> }).result;
}

async function samples(): Promise<Samples> {
  await callTool('connect_provider', { provider_key: 'example', api_key: 'tok_good' });
  const list = (await callTool('example_list_things', {}))['structuredContent'] as { next_cursor: string };
  const long = (await callTool('example_get_thing', { id: '1' }))['structuredContent'] as {
    truncated: { read_on: string };
  };
  const asked = (await callTool('example_erase_thing', { id: '1' })) as { requestState: string };
  const connecting = (await callTool('connect_provider', { provider_key: 'example' })) as { requestState: string };
  const { deps } = world;
  return {
    connectState: connecting.requestState,
    cursor: list.next_cursor,
    confirmToken: await deps.states.seal(principalOf().tenant, 'a purpose', {}),
    requestState: asked.requestState,
    resultUri: long.truncated.read_on,
    toolNames: [...deps.systemTools, ...deps.catalog.tools].map(({ name }) => name),
  };
}

describe('whatever is sent to POST /mcp', () => {
  let known: Samples;
  /** What a case may disconnect is there again for the next. */
  let connected: readonly (readonly [string, Connection])[];
  beforeAll(async () => {
    known = await samples();
    connected = [...world.connections.rows];
    expect(Object.values(known).filter((value) => value === undefined)).toEqual([]);
  });

  it('is answered in JSON-RPC, in time, without a 5xx or the text of an exception', async () => {
    const seen = new Map<number, number>();
    const cases = fc.tuple(mcpRequest(known, 1), fc.constantFrom(...PRINCIPALS));
    const property = fc.asyncProperty(cases, async ([request, principal]) => {
      world.lines.length = 0;
      for (const [key, row] of connected) world.connections.rows.set(key, row);
      try {
        const { status, type, text } = await within(5_000, send(request, principal));
        seen.set(status, (seen.get(status) ?? 0) + 1);
        if (status >= 500) throw new Error(`${status}: ${text.slice(0, 300)} ${world.lines.join(' ').slice(0, 1_000)}`);
        checkMcpBody(status, type, text);
        checkLog(world.lines);
      } catch (error) {
        const sent = `${request.query} ${JSON.stringify(request.headers)} ${Buffer.from(request.body).toString('utf8')}`;
        throw new Error(`${String(error)}\nwas sent: ${sent.slice(0, 1_500)}`, { cause: error });
      }
    });
    await fc.assert(property, fuzzSettings('POST /mcp in process', 10_000));
    const counts = [...seen].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    process.stdout.write(`statuses ${counts.join(', ')}\n`);
  }, 300_000);
});
