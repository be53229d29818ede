/** The two official MCP clients over real HTTP, in every mode in which programs use them. */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Target } from './rpc.ts';

export const MODES = ['sdk 1.32', 'client 2.4, default', 'client 2.4, auto', 'client 2.4, pinned'] as const;
export type Mode = (typeof MODES)[number];

/** The revision each mode must arrive at. */
export const REVISIONS: Readonly<Record<Mode, string>> = {
  'sdk 1.32': '2025-11-25',
  'client 2.4, default': '2025-11-25',
  'client 2.4, auto': '2026-07-28',
  'client 2.4, pinned': '2026-07-28',
};

interface Called {
  readonly isError: boolean;
  readonly value: Readonly<Record<string, unknown>>;
  /** The same as text, for clients that read only that. */
  readonly text: unknown;
}

/** What the tests need of a client, whichever it is. */
export interface OfficialClient {
  readonly revision: string | undefined;
  readonly toolNames: () => Promise<readonly string[]>;
  readonly call: (name: string, args?: Record<string, unknown>) => Promise<Called>;
  readonly close: () => Promise<void>;
}

const INFO = { name: 'e2e', version: '1.0.0' };
const NEGOTIATION = {
  'client 2.4, default': {},
  'client 2.4, auto': { versionNegotiation: { mode: 'auto' } },
  'client 2.4, pinned': { versionNegotiation: { mode: { pin: '2026-07-28' } } },
} as const;

export async function openClient(mode: Mode, { url, key }: Target): Promise<OfficialClient> {
  const requestInit = { headers: { 'X-API-Key': key } };
  if (mode === 'sdk 1.32') {
    const client = new FirstClient(INFO);
    const transport = new FirstTransport(url, { requestInit });
    // The package's own types disagree under exactOptionalPropertyTypes.
    await client.connect(transport as never);
    return facade(client, transport.protocolVersion);
  }
  const client = new ModernClient(INFO, NEGOTIATION[mode]);
  await client.connect(new ModernTransport(url, { requestInit }));
  return facade(client, client.getNegotiatedProtocolVersion());
}

function facade(client: FirstClient | ModernClient, revision: string | undefined): OfficialClient {
  return {
    revision,
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    async call(name, args = {}) {
      const result: object = await client.callTool({ name, arguments: args });
      const { isError, structuredContent, content } = result as {
        isError?: boolean;
        structuredContent?: Called['value'];
        content?: readonly { text?: string }[];
      };
      const text: unknown = JSON.parse(content?.[0]?.text ?? 'null');
      return { isError: isError === true, value: structuredContent ?? {}, text };
    },
    close: () => client.close(),
  };
}
