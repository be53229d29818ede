// mcp-remote before an app that speaks standard streams only: here an agent of the OpenAI Agents SDK.
import { Agent, MCPServerStdio, run, setTracingDisabled } from '@openai/agents';

const { MCP_URL, MCP_KEY, PROMPT, MCP_REMOTE, HOME, PATH } = process.env;
setTracingDisabled(true);
const server = new MCPServerStdio({
  name: 'allmcp',
  command: process.execPath,
  args: [MCP_REMOTE, MCP_URL, '--allow-http', '--transport', 'http-only', '--header', `X-API-Key:${MCP_KEY}`],
  env: { HOME, PATH },
});
try {
  await server.connect();
  const agent = new Agent({ name: 'agent', instructions: 'Follow the script.', model: 'gpt-5', mcpServers: [server] });
  process.stdout.write(`${(await run(agent, PROMPT)).finalOutput}\n`);
} finally {
  await server.close();
}
