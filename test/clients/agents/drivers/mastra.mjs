// An agent made with Mastra, as its documentation shows it; whoever asks its person hears that the person closed the question.
import { createOpenAI } from '@ai-sdk/openai';
import { Agent } from '@mastra/core/agent';
import { MCPClient } from '@mastra/mcp';

const { MCP_URL, MCP_KEY, PROMPT } = process.env;
const mcp = new MCPClient({
  servers: {
    allmcp: {
      url: new URL(MCP_URL),
      requestInit: { headers: { 'X-API-Key': MCP_KEY } },
      capabilities: { elicitation: { form: {}, url: {} } },
      inputRequests: async () => ({ action: 'cancel' }),
    },
  },
});
try {
  const agent = new Agent({
    id: 'agent',
    name: 'agent',
    instructions: 'Follow the script.',
    model: createOpenAI()('gpt-5'),
    tools: await mcp.listTools(),
  });
  process.stdout.write(`${(await agent.generate(PROMPT, { maxSteps: 9 })).text}\n`);
} finally {
  await mcp.disconnect();
}
