/** The clients that are libraries: what their error says is what the program around them shows. */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { structuredOf, type MatrixClient, type OpenClient, type Target } from './client.ts';

const IDENTITY = { name: 'client-matrix', version: '1' };

/** Starts a server program, as desktop apps do, and speaks to it over its standard streams. */
export async function openOverStdio(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onPrinted: (text: string) => void,
): Promise<OpenClient> {
  const transport = new StdioClientTransport({ command, args: [...args], env: { ...env }, stderr: 'pipe' });
  transport.stderr?.on('data', (chunk: Buffer) => onPrinted(chunk.toString('utf8')));
  return openFirst(transport);
}

async function openFirst(transport: Transport): Promise<OpenClient> {
  const client = new FirstClient(IDENTITY);
  await client.connect(transport);
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, args) => structuredOf(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}

type Mode = 'default' | 'auto' | 'pinned';

const NEGOTIATION = {
  default: {},
  auto: { versionNegotiation: { mode: 'auto' } },
  pinned: { versionNegotiation: { mode: { pin: '2026-07-28' } } },
} as const;

async function openModern({ url, key }: Target, mode: Mode): Promise<OpenClient> {
  const client = new ModernClient(IDENTITY, NEGOTIATION[mode]);
  await client.connect(new ModernTransport(url, { requestInit: { headers: { 'X-API-Key': key } } }));
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, args) => structuredOf(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}

/** The part of the package's surface that is used; it is not installed where types are checked. */
interface AiSdk {
  readonly createMCPClient: (config: {
    readonly transport: { readonly type: 'http'; readonly url: string; readonly headers: Record<string, string> };
  }) => Promise<{
    tools(): Promise<Record<string, { execute(args: unknown, options: object): Promise<unknown> }>>;
    close(): Promise<void>;
  }>;
}

async function openAiSdk(packages: string, { url, key }: Target): Promise<OpenClient> {
  const file = createRequire(join(packages, 'package.json')).resolve('@ai-sdk/mcp');
  const { createMCPClient } = (await import(pathToFileURL(file).href)) as AiSdk;
  const client = await createMCPClient({
    transport: { type: 'http', url: url.href, headers: { 'X-API-Key': key } },
  });
  return {
    listTools: async () => Object.keys(await client.tools()),
    callTool: async (name, args) => {
      const tool = (await client.tools())[name];
      if (tool === undefined) throw new Error(`${name} is not among the tools`);
      return structuredOf(await tool.execute(args, { toolCallId: 'call', messages: [] }));
    },
    close: () => client.close(),
  };
}

const HEADERS = "`requestInit: { headers: { 'X-API-Key': KEY } }`";

/** @param versionOf the installed version of a package. */
export function libraryClients(packages: string, versionOf: (name: string) => string): readonly MatrixClient[] {
  const modern = (mode: Mode, own: boolean): MatrixClient => ({
    name: `@modelcontextprotocol/client, ${mode}`,
    version: versionOf('@modelcontextprotocol/client'),
    setup: HEADERS,
    revision: mode === 'default' ? '2025-11-25' : '2026-07-28',
    ownWords: { key: own, organization: own },
    open: (target) => openModern(target, mode),
  });
  return [
    {
      name: '@modelcontextprotocol/sdk',
      version: versionOf('@modelcontextprotocol/sdk'),
      setup: HEADERS,
      revision: '2025-11-25',
      ownWords: { key: false, organization: false },
      open: ({ url, key }) =>
        openFirst(new FirstTransport(url, { requestInit: { headers: { 'X-API-Key': key } } }) as Transport),
    },
    modern('default', false),
    modern('auto', true),
    modern('pinned', true),
    {
      name: '@ai-sdk/mcp',
      version: versionOf('@ai-sdk/mcp'),
      setup: "`transport: { type: 'http', url: URL, headers: { 'X-API-Key': KEY } }`",
      revision: '2026-07-28',
      ownWords: { key: false, organization: false },
      open: (target) => openAiSdk(packages, target),
    },
  ];
}
