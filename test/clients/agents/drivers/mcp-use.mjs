// An agent made with mcp-use, as its documentation shows it; whoever asks its person hears that the person closed the question.
import { ChatOpenAI } from '@langchain/openai';
import { MCPAgent, MCPClient } from 'mcp-use';

const { MCP_URL, MCP_KEY, PROMPT } = process.env;
const client = new MCPClient(
  { mcpServers: { allmcp: { url: MCP_URL, headers: { 'X-API-Key': MCP_KEY } } } },
  { onElicitation: async () => ({ action: 'cancel' }) },
);
try {
  const llm = new ChatOpenAI({ model: 'gpt-5', useResponsesApi: true, maxRetries: 0 });
  process.stdout.write(`${await new MCPAgent({ llm, client, maxSteps: 9 }).run({ prompt: PROMPT })}\n`);
} finally {
  await client.closeAllSessions();
}
