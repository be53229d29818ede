/**
 * Clients that declare questions and answer "cancel" by themselves, because nobody sits there: they are told exactly what
 * clients are told that declare none. Only "decline" is a No.
 */
import { describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { provider as googleSheets } from '../../../providers/google_sheets/provider.ts';
import { fakeApps } from '../../fakes/oauth-ports.ts';
import { askedClient, connectCall, GOOD, setUpMcp, structured } from './connecting.ts';
import { firstClient, modernClient } from './endpoint.ts';

const READ = { name: 'example_list_things', arguments: {} };
const ERASE = { name: 'example_erase_thing', arguments: { id: '7' } };
const SECRETS = ['url', 'code', 'expires_at', 'reference', 'confirm_token'];

/** What was told, without what is fresh every time. */
const told = (result: object): unknown =>
  JSON.parse(
    JSON.stringify(structured(result), (key, value: unknown) =>
      SECRETS.includes(key) && value !== 'not_connected' && value !== 'reconnect_required' ? 'fresh' : value,
    ).replace(/\b[A-Z0-9]{3}-[A-Z0-9]{3}\b/g, 'fresh'),
  );

/** The same steps with a client that cancels every question, and with one that takes none. */
async function both(
  steps: (client: Awaited<ReturnType<typeof modernClient>>, world: ReturnType<typeof setUpMcp>) => Promise<object>,
) {
  const questions: string[] = [];
  const asked = setUpMcp();
  const cancelling = await askedClient(asked.fetch, ({ mode }) => (questions.push(mode), 'cancel'));
  const cancelled = await steps(cancelling, asked);
  const plain = setUpMcp();
  const never = await steps(await modernClient(plain.fetch, 'pinned'), plain);
  return { cancelled, never, questions, asked };
}

describe('a client that cancels what it is asked', () => {
  it('gets a link and a code from connect_provider, as a client does that cannot be asked', async () => {
    const { cancelled, never, questions, asked } = await both((client) => client.callTool(connectCall()));
    expect(told(cancelled)).toEqual(told(never));
    expect(told(cancelled)).toMatchObject({ status: 'action_required', url: 'fresh', code: 'fresh' });
    expect([questions, asked.links.rows.size]).toEqual([['url'], 1]);
    await asked.openLink(structured(cancelled).url);
    expect(asked.connections.rows.size).toBe(1);
  });

  it('gets a link and a code from a call whose account is missing or dead', async () => {
    const missing = await both((client) => client.callTool(READ));
    expect(told(missing.cancelled)).toEqual(told(missing.never));
    expect(structured(missing.cancelled)).toMatchObject({
      code: 'not_connected',
      connect: { code: expect.any(String) },
    });
    expect([missing.questions, missing.asked.links.rows.size]).toEqual([['url'], 1]);
    const dead = await both(async (client, { accepted }) => {
      await client.callTool(connectCall({ api_key: GOOD }));
      accepted.clear();
      return client.callTool(READ);
    });
    expect(told(dead.cancelled)).toEqual(told(dead.never));
    expect(structured(dead.cancelled)).toMatchObject({
      code: 'reconnect_required',
      connect: { url: expect.any(String) },
    });
  });

  it('confirms by a token, as a client does that cannot be asked', async () => {
    const { cancelled, never, questions, asked } = await both(async (client) => {
      await client.callTool(connectCall({ api_key: GOOD }));
      return client.callTool(ERASE);
    });
    expect(told(cancelled)).toEqual(told(never));
    expect(questions).toEqual(['form']);
    const { confirm_token } = structured(cancelled);
    const client = await askedClient(asked.fetch, () => 'cancel');
    const done = await client.callTool({ ...ERASE, arguments: { ...ERASE.arguments, confirm_token } });
    expect(structured(done)).toMatchObject({ item: { deleted: true } });
  });

  it('gets a new link where the person has used up the one in question', async () => {
    const world = setUpMcp();
    const client = await askedClient(world.fetch, async ({ url }) => {
      const hash = hashSecret(new URL(url).pathname.replace('/connect/', ''));
      const { tenant } = world.links.rows.get(hash) ?? {};
      if (tenant === undefined) throw new Error('no such link');
      await world.notes.put(tenant, { provider: 'example', connection: 'default', state: 'begun', linkHash: hash });
      return 'cancel';
    });
    expect(structured(await client.callTool(connectCall()))).toMatchObject({ status: 'action_required' });
    expect(world.links.rows.size).toBe(2);
  });
});

describe('a provider that needs an OAuth app and has none', () => {
  it('is connected by no link anywhere: next is for the administrator', async () => {
    const { fetch, links } = setUpMcp({ provider: googleSheets });
    const read = { name: 'google_sheets_get_spreadsheet', arguments: { spreadsheet_id: 'abcdefghijkl' } };
    for (const client of [await firstClient(fetch), await askedClient(fetch, () => 'accept')])
      for (const call of [connectCall({ provider_key: 'google_sheets' }), read]) {
        const result = await client.callTool(call);
        expect([result.isError, structured(result)]).toMatchObject([
          true,
          {
            code: 'not_connected',
            next: expect.stringMatching(/administrator.*OAuth app for Google Sheets.*oauth-apps set/),
          },
        ]);
        expect(JSON.stringify(result)).not.toContain('/connect/');
      }
    expect(links.rows.size).toBe(0);
  });

  it('is connected by a link once it has one', async () => {
    const app = { level: 'platform', provider: 'google_sheets', clientId: 'c' } as const;
    const { fetch } = setUpMcp({ provider: googleSheets, deps: { oauthApps: fakeApps([app]) } });
    const client = await firstClient(fetch);
    const given = structured(await client.callTool(connectCall({ provider_key: 'google_sheets' })));
    expect(given).toMatchObject({ status: 'action_required' });
  });
});

describe('a connected account', () => {
  it('comes with call_tool and three of its tools, because many clients never list again', async () => {
    const { fetch } = setUpMcp();
    const client = await firstClient(fetch);
    const next = String(structured(await client.callTool(connectCall({ api_key: GOOD })))['next']);
    expect(next).toContain('call_tool(tool: "example_list_things"');
    expect(next.match(/example_\w+/g)).toHaveLength(3);
    const byLink = structured(await client.callTool(connectCall({ connection: 'work' })));
    expect(byLink['message']).toMatch(
      /call_tool\(tool: "example_list_things", arguments: \{\.\.\.\}, connection: "work"\)/,
    );
  });
});
