/** `connect_provider` without credentials: a link for clients of every kind, a question where the client can ask. */
import { describe, expect, it } from '@jest/globals';
import { LINK_TTL_MS } from '../../../core/connect/link.ts';
import { hashCode } from '../../../core/connect/link-code.ts';
import { provider as googleSheets } from '../../../providers/google_sheets/provider.ts';
import { principalOf } from '../../fakes/principal.ts';
import { askedClient, connectCall, GOOD, setUpMcp, structured, type Question } from './connecting.ts';
import { firstClient, modernClient, PUBLIC_URL } from './endpoint.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const LINK = /^https:\/\/gateway\.test\/connect\/[A-Za-z0-9_-]{43}$/;

const unasked = {
  'of the first generation': (fetch: never) => firstClient(fetch),
  'of 2025-11-25': (fetch: never) => modernClient(fetch, 'default', '', { elicitation: { form: {}, url: {} } }),
  'of 2026-07-28 that shows nothing': (fetch: never) => modernClient(fetch, 'pinned'),
  'of 2026-07-28 that shows forms only': (fetch: never) => modernClient(fetch, 'pinned', '', { elicitation: {} }),
} as const;

describe.each(Object.entries(unasked))('connect_provider without credentials, by a client %s', (_name, open) => {
  it('answers a link, a code and what to tell the user', async () => {
    const { fetch, links } = setUpMcp({
      deps: { clock: () => NOW },
      principal: principalOf({ org: 'jsm', user: 'ann' }),
    });
    const result = await (await open(fetch as never)).callTool(connectCall());
    expect(result.isError).toBeFalsy();
    const given = structured(result);
    expect(given).toEqual({
      status: 'action_required',
      provider_key: 'example',
      url: expect.stringMatching(LINK),
      code: expect.stringMatching(/^[A-Z0-9]{3}-[A-Z0-9]{3}$/),
      expires_at: new Date(NOW + LINK_TTL_MS).toISOString(),
      message: expect.stringMatching(/open the link.*type the code.*Never ask for a password, key or token/),
    });
    expect(JSON.parse((result.content as { text: string }[])[0]?.text ?? '')).toEqual(given);

    const [link] = [...links.rows.values()];
    expect(link).toMatchObject({
      client: 'acme',
      org: 'jsm',
      user: 'ann',
      provider: 'example',
      connection: 'default',
    });
    expect(link?.tenant).toBe(principalOf({ org: 'jsm', user: 'ann' }).tenant);
    expect(link?.codeHash).toBe(hashCode(given.url.replace(`${PUBLIC_URL}/connect/`, ''), given.code));
  });
});

describe('connect_provider without credentials', () => {
  it('makes no link for a name that cannot be one or a provider that is not there', async () => {
    const { fetch, links } = setUpMcp();
    const client = await firstClient(fetch);
    for (const connection of ['Work', 'a b', '-x', 'x'.repeat(41)])
      expect(structured(await client.callTool(connectCall({ connection })))).toMatchObject({ code: 'invalid_input' });
    const unknown = await client.callTool(connectCall({ provider_key: 'exampel' }));
    expect(structured(unknown)).toMatchObject({ code: 'not_found', next: 'Did you mean example?' });
    expect(links.rows.size).toBe(0);
  });

  it('takes empty texts, which clients fill in, for none', async () => {
    const { fetch, links } = setUpMcp();
    const client = await firstClient(fetch);
    const blank = { api_key: '', login: '', password: '', extra_fields: {}, connection: '' };
    expect(structured(await client.callTool(connectCall(blank)))).toMatchObject({ status: 'action_required' });
    expect([...links.rows.values()]).toMatchObject([{ connection: 'default' }]);
  });

  it('still gives a link where the account is there already, and says so', async () => {
    const { fetch, links } = setUpMcp();
    const client = await firstClient(fetch);
    await client.callTool(connectCall({ api_key: GOOD }));
    const again = structured(await client.callTool(connectCall()));
    expect(again).toMatchObject({
      status: 'action_required',
      message: expect.stringContaining('is connected already'),
    });
    const further = structured(await client.callTool(connectCall({ connection: 'work' })));
    expect(further['message']).not.toContain('already');
    expect([...links.rows.values()].map(({ connection }) => connection)).toEqual(['default', 'work']);
  });

  it('gives the link where credentials in arguments are refused', async () => {
    const { fetch, sent } = setUpMcp({ principal: principalOf({}, { policy: { inline_credentials: 'refuse' } }) });
    const client = await firstClient(fetch);
    expect(structured(await client.callTool(connectCall()))).toMatchObject({ status: 'action_required' });
    const refused = await client.callTool(connectCall({ api_key: GOOD, connection: 'work' }));
    expect(refused.isError).toBe(true);
    expect(structured(refused)).toMatchObject({
      code: 'invalid_input',
      next: 'Call connect_provider(provider_key: "example", connection: "work")',
    });
    expect(sent).toEqual([]);
  });
});

describe('a client that opens addresses', () => {
  it('is asked nothing where no OAuth app is set up, and told whom to ask', async () => {
    const { fetch, links } = setUpMcp({ provider: googleSheets });
    const asked: Question[] = [];
    const client = await askedClient(fetch, (question) => {
      asked.push(question);
      return 'accept';
    });
    const given = structured(await client.callTool(connectCall({ provider_key: 'google_sheets' })));
    expect(given).toMatchObject({ code: 'not_connected', next: expect.stringMatching(/administrator.*OAuth app/) });
    expect([asked, links.rows.size]).toEqual([[], 0]);
  });

  it('is asked with the link and the code, and told the account once it is connected', async () => {
    const { fetch, openLink, links } = setUpMcp();
    const questions: Question[] = [];
    const client = await askedClient(fetch, async (question) => {
      questions.push(question);
      await openLink(question.url);
      return 'accept';
    });
    expect(structured(await client.callTool(connectCall({ connection: 'work' })))).toEqual({
      status: 'connected',
      provider_key: 'example',
      connection: 'work',
      account: 'Ann',
      next: expect.stringMatching(/call_tool\(.*connection: "work"\)/),
    });
    expect(questions).toMatchObject([{ mode: 'url', url: expect.stringMatching(LINK) }]);
    const [{ message, url } = { message: '', url: '' }] = questions;
    const [, code = ''] = /the code (\S+) there/.exec(message) ?? [];
    expect([...links.rows.values()][0]?.codeHash).toBe(hashCode(url.replace(`${PUBLIC_URL}/connect/`, ''), code));
  });

  it.each([
    ['decline', 'declined'],
    ['cancel', 'action_required'],
  ] as const)('ends the call on %s as %s, unless the account was connected all the same', async (action, status) => {
    const { fetch, openLink, connections } = setUpMcp();
    const client = await askedClient(fetch, () => action);
    const ended = await client.callTool(connectCall());
    expect([ended.isError ?? false, structured(ended)['status']]).toEqual([false, status]);
    expect(connections.rows.size).toBe(0);
    const closing = await askedClient(fetch, async ({ url }) => {
      await openLink(url);
      return action;
    });
    expect(structured(await closing.callTool(connectCall()))).toMatchObject({ status: 'connected' });
  });

  it('is asked again with the same link while the person is not done', async () => {
    const { fetch, openLink, links } = setUpMcp();
    const urls: string[] = [];
    const client = await askedClient(fetch, async ({ url }) => {
      if (urls.push(url) === 3) await openLink(url);
      return 'accept';
    });
    expect(structured(await client.callTool(connectCall()))).toMatchObject({ status: 'connected' });
    expect([urls.length, new Set(urls).size, links.rows.size]).toEqual([3, 1, 1]);
  });

  it('gets the same link as a result after five questions', async () => {
    const { fetch, links } = setUpMcp();
    const messages: string[] = [];
    const client = await askedClient(fetch, ({ message }) => {
      messages.push(message);
      return 'accept';
    });
    const result = structured(await client.callTool(connectCall()));
    expect(result).toMatchObject({
      status: 'action_required',
      message: expect.stringContaining('not been connected yet'),
    });
    expect(messages).toHaveLength(5);
    expect(new Set(messages).size).toBe(1);
    expect(messages[0]).toContain(result.code);
    expect(links.rows.size).toBe(1);
  });

  it('is waited for when it says yes before the person is done', async () => {
    let looks = 0;
    let finish = async (): Promise<void> => undefined;
    const { fetch, openLink } = setUpMcp({
      deps: {
        sleep: async () => {
          if ((looks += 1) === 2) await finish();
        },
      },
    });
    let asked = 0;
    const client = await askedClient(fetch, ({ url }) => {
      asked += 1;
      finish = () => openLink(url);
      return 'accept';
    });
    expect(structured(await client.callTool(connectCall()))).toMatchObject({ status: 'connected' });
    expect([asked, looks]).toEqual([1, 2]);
  });

  it('gets a new link as a result once the old one has ended', async () => {
    let now = NOW;
    const { fetch, links } = setUpMcp({ deps: { clock: () => now } });
    let first = '';
    const client = await askedClient(fetch, ({ url }) => {
      first = url;
      now += LINK_TTL_MS + 60_000;
      return 'accept';
    });
    const result = structured(await client.callTool(connectCall()));
    expect(result).toMatchObject({
      status: 'action_required',
      expires_at: new Date(now + LINK_TTL_MS).toISOString(),
    });
    expect(result.url).not.toBe(first);
    expect(links.rows.size).toBe(2);
  });

  it('is told of the connection that was made in time, however late it asks', async () => {
    let now = NOW;
    const { fetch, openLink } = setUpMcp({ deps: { clock: () => now } });
    const client = await askedClient(fetch, async ({ url }) => {
      await openLink(url);
      now += LINK_TTL_MS + 60_000;
      return 'accept';
    });
    expect(structured(await client.callTool(connectCall()))).toMatchObject({ status: 'connected' });
  });

  it('is not told that an account is connected because it was connected before', async () => {
    const { fetch, accepted, openLink } = setUpMcp();
    let opens = false;
    accepted.add('tok_other');
    const client = await askedClient(fetch, async ({ url }) => {
      if (opens) await openLink(url, 'tok_other');
      return 'accept';
    });
    await client.callTool(connectCall({ api_key: GOOD }));
    expect(structured(await client.callTool(connectCall()))).toMatchObject({ status: 'action_required' });
    opens = true;
    expect(structured(await client.callTool(connectCall()))).toMatchObject({ status: 'connected' });
  });
});
