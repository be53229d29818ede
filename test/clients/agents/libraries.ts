/**
 * The agents that are libraries: for each a small program under `drivers/`, written as the library's documentation shows
 * it, run with the Node.js that the libraries ask for.
 */
import { join } from 'node:path';
import type { Agent } from './agent.ts';
import { agentNode, packages, runProgram } from './installed-agents.ts';
import { PROMPT } from './programs.ts';

interface Driver {
  /** The program's name in `drivers/`. */
  readonly driver: string;
  readonly needs: readonly string[];
  readonly setup: readonly string[];
  readonly limitation?: NonNullable<Agent['limitation']>;
}

function library(name: string, packageName: string, { driver, ...rest }: Driver): Agent {
  return {
    name,
    packageName,
    ...rest,
    auth: 'X-API-Key',
    run: ({ url, key, model, home }) =>
      runProgram(agentNode(), [join(packages, 'agents/drivers', `${driver}.mjs`)], {
        home,
        env: {
          MCP_URL: url.href,
          MCP_KEY: key,
          MCP_REMOTE: join(packages, 'node_modules/.bin/mcp-remote'),
          OPENAI_API_KEY: 'no-key',
          OPENAI_BASE_URL: `${model}/v1`,
          OPENAI_AGENTS_DISABLE_TRACING: '1',
          MASTRA_TELEMETRY_DISABLED: '1',
          MCP_USE_ANONYMIZED_TELEMETRY: 'false',
          LANGSMITH_TRACING: 'false',
          PROMPT,
        },
      }),
  };
}

const typescript = (...lines: readonly string[]): readonly string[] => ['```ts', ...lines, '```'];

export const libraries: readonly Agent[] = [
  library('LangChain', '@langchain/mcp-adapters', {
    driver: 'langchain',
    needs: ['langchain', '@langchain/openai'],
    setup: typescript(
      'new MultiServerMCPClient({',
      "  mcpServers: { allmcp: { transport: 'http', url: URL, headers: { 'X-API-Key': KEY } } },",
      '});',
    ),
  }),
  library('Mastra', '@mastra/mcp', {
    driver: 'mastra',
    needs: ['@mastra/core', '@ai-sdk/openai'],
    setup: typescript(
      'new MCPClient({',
      "  servers: { allmcp: { url: new URL(URL), requestInit: { headers: { 'X-API-Key': KEY } } } },",
      '});',
    ),
  }),
  library('OpenAI Agents', '@openai/agents', {
    driver: 'openai-agents',
    needs: [],
    setup: typescript(
      "new MCPServerStreamableHttp({ name: 'allmcp', url: URL, requestInit: { headers: { 'X-API-Key': KEY } } });",
    ),
  }),
  library('AI SDK', '@ai-sdk/mcp', {
    driver: 'ai-sdk',
    needs: ['ai', '@ai-sdk/openai'],
    setup: typescript("createMCPClient({ transport: { type: 'http', url: URL, headers: { 'X-API-Key': KEY } } });"),
  }),
  library('mcp-use', 'mcp-use', {
    driver: 'mcp-use',
    needs: ['langchain', '@langchain/openai'],
    setup: [
      ...typescript("new MCPClient({ mcpServers: { allmcp: { url: URL, headers: { 'X-API-Key': KEY } } } });"),
      '',
      'This is the last version of 1.x; 2.x needs `@mcp-use/client`, which the registry did not have when this was made.',
    ],
    limitation: {
      situations: ['cancel', 'after connecting'],
      words:
        'It takes an object without named properties for an empty one, so its `call_tool` runs tools without arguments only: ' +
        'connect the accounts before the agent starts, and add `full_catalog=true` to the URL, so that every tool is in its list.',
    },
  }),
  library('mcp-remote', 'mcp-remote', {
    driver: 'mcp-remote',
    needs: ['@openai/agents'],
    setup: [
      'For an app that starts its servers as programs:',
      '',
      '```json',
      '{ "command": "npx", "args": ["mcp-remote", "URL", "--transport", "http-only", "--header", "X-API-Key:KEY"] }',
      '```',
    ],
  }),
];
