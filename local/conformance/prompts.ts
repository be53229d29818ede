/** Prompts that answer at once. */
import type { PromptMessage } from '@modelcontextprotocol/server';
import { prompt, type PromptFixture } from './fixture.ts';
import { PNG } from './media.ts';

function user(value: string): PromptMessage {
  return { role: 'user', content: { type: 'text', text: value } };
}

export const PLAIN_PROMPTS: readonly (readonly [string, PromptFixture])[] = [
  prompt('test_simple_prompt', async () => ({ messages: [user('This is a simple prompt for testing.')] })),
  prompt(
    'test_prompt_with_arguments',
    async ({ args }) => ({
      messages: [user(`Prompt with arguments: arg1='${String(args['arg1'])}', arg2='${String(args['arg2'])}'`)],
    }),
    'arg1',
    'arg2',
  ),
  prompt(
    'test_prompt_with_embedded_resource',
    async ({ args }) => ({
      messages: [
        {
          role: 'user',
          content: {
            type: 'resource',
            resource: {
              uri: String(args['resourceUri']),
              mimeType: 'text/plain',
              text: 'Embedded resource content for testing.',
            },
          },
        },
        user('Please process the embedded resource above.'),
      ],
    }),
    'resourceUri',
  ),
  prompt('test_prompt_with_image', async () => ({
    messages: [
      { role: 'user', content: { type: 'image', data: PNG, mimeType: 'image/png' } },
      user('Please analyze the image above.'),
    ],
  })),
];
