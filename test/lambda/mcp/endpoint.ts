/** The MCP app with everything in memory, and clients of both generations that talk to it without a socket. */
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  type ClientCapabilities,
} from '@modelcontextprotocol/client';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '../../../core/egress/egress.ts';
import { createLog } from '../../../core/log.ts';
import type { Provider } from '../../../core/provider/provider.ts';
import type { TenantPrincipal } from '../../../core/keys/principal.ts';
import { createSearch } from '../../../core/catalog/search.ts';
import { createSealedStates } from '../../../core/vault/sealed-state.ts';
import { createUnstoredRenewals } from '../../../core/oauth/unstored-renewals.ts';
import { createVault } from '../../../core/vault/vault.ts';
import { createMcpApp } from '../../../lambda/mcp/app.ts';
import type { Extension } from '../../../lambda/mcp/protocol/extension.ts';
import type { McpDeps } from '../../../lambda/mcp/request/call-context.ts';
import { renderSystemTools } from '../../../lambda/mcp/tools/index.ts';
import { catalogOf, exampleProvider } from '../../fakes/example-provider.ts';
import { fakeApps } from '../../fakes/oauth-ports.ts';
import { principalOf } from '../../fakes/principal.ts';
import {
  fakeConnections,
  fakeConsentNotes,
  fakeDataKeys,
  fakeResults,
  fakeSettings,
  fakeTicketWriter,
  fakeUsage,
  noLimits,
  noPace,
} from '../../fakes/stores.ts';

export const PUBLIC_URL = 'https://gateway.test';
export const ADDRESS = `${PUBLIC_URL}/mcp`;

export interface EndpointOptions {
  readonly transport: Transport;
  readonly principal?: TenantPrincipal;
  readonly deps?: Partial<McpDeps>;
  readonly extensions?: readonly Extension[];
  /** The only one there is, in place of the example. */
  readonly provider?: Provider;
}

export function endpoint(options: EndpointOptions) {
  const clock = options.deps?.clock ?? Date.now;
  const lines: string[] = [];
  const log = createLog({ service: 'mcp', write: (line) => lines.push(line), clock });
  const provider = options.provider ?? exampleProvider;
  const catalog = catalogOf(provider);
  let serial = 0;
  const connections = fakeConnections();
  const usage = fakeUsage(clock);
  const dataKeys = fakeDataKeys();
  const links = fakeTicketWriter();
  const notes = fakeConsentNotes();
  const deps: McpDeps = {
    catalog,
    systemTools: renderSystemTools(),
    version: '0.0.0',
    search: createSearch(catalog),
    loadProvider: async () => provider,
    connections,
    vault: createVault(dataKeys, clock),
    states: createSealedStates(dataKeys, clock),
    links,
    notes,
    oauthApps: fakeApps([]),
    settings: fakeSettings(),
    results: fakeResults(),
    skills: [],
    usage,
    keyLimiter: noLimits,
    rateLimiter: noPace,
    transport: options.transport,
    clock,
    sleep: async () => undefined,
    unstored: createUnstoredRenewals(),
    newId: () => `id${(serial += 1)}`,
    ...options.deps,
  };
  const app = createMcpApp(deps, log, { extensions: options.extensions });
  const fetchAs =
    (principal: TenantPrincipal) =>
    (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const request = new Request(url, init);
      if (request.method !== 'POST') return Promise.resolve(new Response(null, { status: 405 }));
      return app(request, principal, { requestId: 'r', budgetMs: 25_000, publicUrl: PUBLIC_URL });
    };
  return {
    app,
    deps,
    connections,
    links,
    notes,
    oauthApps: fakeApps([]),
    settings: fakeSettings(),
    usage,
    lines,
    log,
    fetchAs,
    fetch: fetchAs(options.principal ?? principalOf()),
  };
}

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** The first-generation client: 2025-11-25 and older. */
export async function firstClient(fetch: Fetch, query = ''): Promise<FirstClient> {
  const client = new FirstClient({ name: 'test', version: '1' });
  await client.connect(new FirstTransport(new URL(ADDRESS + query), { fetch }) as never);
  return client;
}

export async function modernClient(
  fetch: Fetch,
  mode: 'default' | 'auto' | 'pinned',
  query = '',
  capabilities: ClientCapabilities = {},
): Promise<ModernClient> {
  const negotiation = mode === 'auto' ? { mode: 'auto' as const } : { mode: { pin: '2026-07-28' } as const };
  const client = new ModernClient(
    { name: 'test', version: '1' },
    { capabilities, ...(mode === 'default' ? {} : { versionNegotiation: negotiation }) },
  );
  await client.connect(new ModernTransport(new URL(ADDRESS + query), { fetch }));
  return client;
}
