/** What a client loads at first contact, byte for byte as the endpoint sends it, with two providers connected. */
import type { Catalog, CatalogTool } from '../../core/catalog/catalog.ts';
import type { Connection } from '../../core/vault/connection.ts';
import type { McpDeps } from '../../lambda/mcp/request/call-context.ts';
import { createSearch } from '../../core/catalog/search.ts';
import { renderCatalog } from '../../providers/render.ts';
import { principalOf } from '../fakes/principal.ts';
import { ADDRESS, endpoint } from '../lambda/mcp/endpoint.ts';

const SHIPPED = 'bitrix24';
/** As long a key as the one it stands for, so that every name has the same length. */
const TWIN = 'zzzzzz24';

/** The shipped catalogue and a second provider of exactly the same size, until more ship. */
export async function catalogOfTwo(): Promise<Catalog> {
  const catalog = await renderCatalog('.');
  const providers = catalog.providers.filter(({ key }) => key === SHIPPED);
  const twins = providers.map((provider) => ({ ...provider, key: TWIN }));
  const tools = catalog.tools.filter(({ provider }) => provider === SHIPPED);
  return { ...catalog, providers: [...providers, ...twins], tools: [...tools, ...tools.map(twinOf)] };
}

function twinOf(tool: CatalogTool): CatalogTool {
  return JSON.parse(JSON.stringify(tool).replaceAll(SHIPPED, TWIN)) as CatalogTool;
}

function connectionOf(provider: string): Connection {
  return {
    provider,
    name: 'default',
    accountName: 'Ann',
    auth: 'webhook',
    facts: {},
    status: 'active',
    connectedAt: '2026-11-22T00:00:00.000Z',
  } as Connection;
}

/** Sends one JSON-RPC request in the older era, which needs no envelope, and gives its result. */
async function ask(deps: Partial<McpDeps>, method: string, params: object, query: string): Promise<object> {
  const principal = principalOf();
  const { fetch, connections } = endpoint({
    transport: () => Promise.reject(new Error('nothing is sent')),
    principal,
    deps,
  });
  for (const key of [SHIPPED, TWIN]) await connections.put(principal.tenant, connectionOf(key));
  const answer = await fetch(ADDRESS + query, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const text = await answer.text();
  const { result } = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as { result: object };
  return result;
}

export interface ListedTool {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly inputSchema: { readonly properties?: Readonly<Record<string, unknown>> };
  readonly outputSchema?: object;
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

export interface FirstContact {
  readonly instructions: string;
  readonly serverInfo: { readonly icons?: readonly { readonly src: string }[] };
  readonly tools: readonly ListedTool[];
}

/** @param query of the address, e.g. `?full_catalog=true`. */
export async function firstContact(query = ''): Promise<FirstContact> {
  const catalog = await catalogOfTwo();
  const deps: Partial<McpDeps> = { catalog, search: createSearch(catalog) };
  const client = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const hello = (await ask(deps, 'initialize', client, query)) as Omit<FirstContact, 'tools'>;
  const { tools } = (await ask(deps, 'tools/list', {}, query)) as Pick<FirstContact, 'tools'>;
  return { ...hello, tools };
}

export const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
