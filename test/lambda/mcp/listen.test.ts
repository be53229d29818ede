/** What a stateless endpoint says about changes: none is promised, and a stream for them ends at once. */
import { describe, expect, it } from '@jest/globals';
import { endpoint } from './endpoint.ts';
import { modernRequest } from './modern-request.ts';

const transport = () => Promise.reject(new Error('no provider is called here'));

describe('changes of lists', () => {
  it('are promised for nothing', async () => {
    const { messages } = await modernRequest(endpoint({ transport }).fetch, 'server/discover');
    const [{ result }] = messages as [{ result: { capabilities: Record<string, unknown> } }];
    expect(result.capabilities).toMatchObject({
      tools: { listChanged: false },
      prompts: { listChanged: false },
      resources: { listChanged: false },
    });
    expect(JSON.stringify(result.capabilities)).not.toMatch(/"(listChanged|subscribe)":true/);
  });

  it('can be listened for: acknowledged with nothing, then complete, so that no function is held open', async () => {
    const notifications = {
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
      resourceSubscriptions: ['result://x'],
    };
    const { status, messages } = await modernRequest(endpoint({ transport }).fetch, 'subscriptions/listen', {
      notifications,
    });
    expect(status).toBe(200);
    expect(messages).toMatchObject([
      { method: 'notifications/subscriptions/acknowledged', params: { notifications: {} } },
      { id: 1, result: { resultType: 'complete' } },
    ]);
  });
});
