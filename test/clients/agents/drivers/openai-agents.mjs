// An agent made with the OpenAI Agents SDK, as its documentation shows it.
import { Agent, MCPServerStreamableHttp, run, setTracingDisabled } from '@openai/agents';

const { MCP_URL, MCP_KEY, PROMPT } = process.env;
setTracingDisabled(true);
const server = new MCPServerStreamableHttp({
  name: 'allmcp',
  url: MCP_URL,
  requestInit: { headers: { 'X-API-Key': MCP_KEY } },
});
try {
  await server.connect();
  const agent = new Agent({ name: 'agent', instructions: 'Follow the script.', model: 'gpt-5', mcpServers: [server] });
  process.stdout.write(`${(await run(agent, PROMPT)).finalOutput}\n`);
} finally {
  await server.close();
}
