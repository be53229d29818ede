// An agent made with the AI SDK, as its documentation shows it; whoever asks its person hears that the person closed the question.
import { createMCPClient, ElicitationRequestSchema } from '@ai-sdk/mcp';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, isStepCount } from 'ai';

const { MCP_URL, MCP_KEY, PROMPT } = process.env;
const client = await createMCPClient({
  transport: { type: 'http', url: MCP_URL, headers: { 'X-API-Key': MCP_KEY } },
  capabilities: { elicitation: {} },
});
try {
  client.onElicitationRequest(ElicitationRequestSchema, async () => ({ action: 'cancel' }));
  const tools = await client.tools();
  const { text } = await generateText({
    model: createOpenAI()('gpt-5'),
    tools,
    stopWhen: isStepCount(9),
    prompt: PROMPT,
  });
  process.stdout.write(`${text}\n`);
} finally {
  await client.close();
}
