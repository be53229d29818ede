/** The targets that answer without a socket: this gateway, and the first-generation SDK used as its guide shows. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import * as z from 'zod';
import type { Transport } from '../../core/egress/egress.ts';
import { createSearch } from '../../core/catalog/search.ts';
import { catalogOf } from '../fakes/example-provider.ts';
import { principalOf } from '../fakes/principal.ts';
import { ADDRESS, endpoint } from '../lambda/mcp/endpoint.ts';
import { argumentsOfTool, describeTool, providerOf } from './catalogue.ts';
import type { Ask, Row } from './measure.ts';
import { check, message, type Era } from './wire.ts';

/** 200 bytes, as the figures of other gateways were taken with. */
export const TEXT = 'x'.repeat(200);

type Serve = (request: Request) => Promise<Response>;

function asks(
  serve: Serve,
  era: Era,
  expected: string,
  method: string,
  params?: Readonly<Record<string, unknown>>,
): Ask {
  const { headers, body } = message(era, method, params);
  return async () => {
    const answer = await serve(new Request(ADDRESS, { method: 'POST', headers, body }));
    check(answer.status, Buffer.from(await answer.arrayBuffer()), expected);
  };
}

const provider: Transport = async () => ({ status: 200, headers: {}, text: JSON.stringify({ text: TEXT }) });

/** The gateway over stores in memory, with one connected provider of that many tools. */
async function gateway(tools: number): Promise<Serve> {
  const made = providerOf(tools);
  const catalog = catalogOf(made);
  const principal = principalOf();
  const { app, fetch } = endpoint({
    transport: provider,
    principal,
    deps: { catalog, search: createSearch(catalog), loadProvider: async () => made },
  });
  const connect = message('2025-11-25', 'tools/call', {
    name: 'connect_provider',
    arguments: { provider_key: 'bench', api_key: 'secret' },
  });
  const connected = await fetch(ADDRESS, { method: 'POST', ...connect });
  check(connected.status, Buffer.from(await connected.arrayBuffer()), 'connected');
  return (request) =>
    app(request, principal, { requestId: 'bench', budgetMs: 25_000, publicUrl: 'https://gateway.test' });
}

export async function gatewayRows(era: Era): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const tools of [20, 500]) {
    const serve = await gateway(tools);
    const last = `bench_list_records_${tools - 1}`;
    rows.push(
      { name: `gateway ${era} list ${tools}`, ask: asks(serve, era, `"${last}"`, 'tools/list') },
      {
        name: `gateway ${era} call ${tools}`,
        ask: asks(serve, era, TEXT, 'tools/call', { name: last, arguments: { record_id: 1 } }),
      },
    );
  }
  return rows;
}

/** A server of the first-generation SDK, made for each request, with that many tools registered. */
export function sdkServer(tools: number): Serve {
  return async (request) => {
    const server = new McpServer({ name: 'floor', version: '1' });
    for (let i = 0; i < tools; i += 1)
      server.registerTool(
        `echo_${i}`,
        {
          title: `List records of kind ${i}`,
          description: describeTool(i),
          inputSchema: tools === 1 ? { record_id: z.int() } : argumentsOfTool,
        },
        () => ({ content: [{ type: 'text' as const, text: TEXT }] }),
      );
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    // Its own types disagree under exactOptionalPropertyTypes.
    await server.connect(transport as never);
    return transport.handleRequest(request);
  };
}

/** The floor is one tool; the peer is the plain design, every tool registered on every request. */
export function sdkRows(): readonly Row[] {
  const row = (name: string, tools: number, method: string): Row => {
    const last = `echo_${tools - 1}`;
    const params = method === 'tools/call' ? { name: last, arguments: { record_id: 1 } } : {};
    return {
      name,
      ask: asks(sdkServer(tools), '2025-11-25', method === 'tools/call' ? TEXT : `"${last}"`, method, params),
    };
  };
  return [
    row('floor list 1', 1, 'tools/list'),
    row('floor call 1', 1, 'tools/call'),
    row('peer list 20', 20, 'tools/list'),
    row('peer call 20', 20, 'tools/call'),
    row('peer list 500', 500, 'tools/list'),
    row('peer call 500', 500, 'tools/call'),
  ];
}
