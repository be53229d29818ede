/** Tools that answer at once, or report while they work. */
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '../../core/json.ts';
import type { Call, ToolFixture } from './fixture.ts';
import { text, tool } from './fixture.ts';
import { PNG, WAV } from './media.ts';

const IMAGE = { type: 'image', data: PNG, mimeType: 'image/png' } as const;
const PAUSE_MS = 50;

/** As text: an object with a `then` of its own would be taken for a promise. */
const CONDITION = JSON.parse(`{
  "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
  "then": { "required": ["phone"] },
  "else": { "required": ["email"] }
}`) as JsonObject;

/** Every JSON Schema 2020-12 keyword that servers are known to lose on the way to the client. */
const RICH_SCHEMA: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  ...CONDITION,
  additionalProperties: false,
};

async function report({ context }: Call): Promise<void> {
  const progressToken = context.mcpReq._meta?.progressToken;
  for (const progress of [0, 50, 100]) {
    if (progress > 0) await delay(PAUSE_MS);
    if (progressToken === undefined) continue;
    await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
  }
}

async function logSteps({ context }: Call): Promise<void> {
  for (const step of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
    await context.mcpReq.log('info', step);
    await delay(PAUSE_MS);
  }
}

export const PLAIN_TOOLS: readonly (readonly [string, ToolFixture])[] = [
  tool('test_simple_text', async () => text('This is a simple text response for testing.')),
  tool('test_image_content', async () => ({ content: [IMAGE] })),
  tool('test_audio_content', async () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] })),
  tool('test_embedded_resource', async () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  })),
  tool('test_multiple_content_types', async () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      IMAGE,
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: JSON.stringify({ test: 'data', value: 123 }),
        },
      },
    ],
  })),
  tool('test_error_handling', async () => ({
    ...text('This tool intentionally returns an error for testing'),
    isError: true,
  })),
  tool('test_tool_with_progress', async (call) => {
    await report(call);
    return text('Reported from 0 to 100.');
  }),
  tool('test_tool_with_logging', async (call) => {
    await logSteps(call);
    return text('Logged three steps.');
  }),
  // Through the filter of the request's log level: without one, nothing may be sent.
  tool('test_logging_tool', async ({ context }) => {
    await context.mcpReq.log('info', 'one line, for those who asked for it');
    return text('Logged one line.');
  }),
  tool('json_schema_2020_12_tool', async ({ args }) => text(JSON.stringify(args)), RICH_SCHEMA),
];
