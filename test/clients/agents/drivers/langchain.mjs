// An agent made with LangChain, as its documentation shows it.
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { ChatOpenAI } from '@langchain/openai';
import { createAgent } from 'langchain';

const { MCP_URL, MCP_KEY, PROMPT } = process.env;
const client = new MultiServerMCPClient({
  mcpServers: { allmcp: { transport: 'http', url: MCP_URL, headers: { 'X-API-Key': MCP_KEY } } },
});
try {
  const model = new ChatOpenAI({ model: 'gpt-5', useResponsesApi: true, maxRetries: 0 });
  const agent = createAgent({ model, tools: await client.getTools() });
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: PROMPT }] });
  process.stdout.write(`${messages.at(-1).text}\n`);
} finally {
  await client.close();
}
