/** A provider call that lacks its account: what it says, and how it goes on once the person has connected. */
import { describe, expect, it } from '@jest/globals';
import { TransportError } from '../../../core/egress/egress.ts';
import type { ConnectionStore } from '../../../core/vault/connection.ts';
import { askedClient, connectCall, GOOD, setUpMcp, structured, type Question } from './connecting.ts';
import { firstClient, modernClient } from './endpoint.ts';

const READ = { name: 'example_list_things', arguments: {} };
const WRITE = { name: 'example_paint_thing', arguments: { id: '1', color: 'blue' } };
const ERASE = { name: 'example_erase_thing', arguments: { id: '7' } };
const INVITATION = {
  url: expect.stringMatching(/^https:\/\/gateway\.test\/connect\//),
  code: expect.stringMatching(/^[A-Z0-9]{3}-[A-Z0-9]{3}$/),
  expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
};

describe('a call whose stored credential is dead', () => {
  it.each(['found out by this call', 'known before'])(
    'fails with a link, a code and the exact call (%s)',
    async (when) => {
      const { fetch, accepted, links } = setUpMcp();
      const client = await firstClient(fetch);
      await client.callTool(connectCall({ api_key: GOOD }));
      await client.callTool(connectCall({ api_key: GOOD, connection: 'work' }));
      accepted.clear();
      const call = { ...READ, arguments: { connection: 'work' } };
      if (when === 'known before') await client.callTool(call);
      links.rows.clear();
      const failed = await client.callTool(call);
      expect(failed.isError).toBe(true);
      expect(structured(failed)).toEqual({
        code: 'reconnect_required',
        message: 'Example no longer accepts the stored credential.',
        next: expect.stringMatching(
          /connect\.url.*connect\.code.*connect_provider\(provider_key: "example", api_key: "tok_abc", connection: "work"\)$/,
        ),
        connect: INVITATION,
        reference: expect.any(String),
      });
      expect([...links.rows.values()]).toMatchObject([{ provider: 'example', connection: 'work' }]);
    },
  );

  it('is told without a link where none can be made', async () => {
    const { fetch, accepted, lines } = setUpMcp({
      deps: { links: { put: async () => Promise.reject(new Error('canary')) } },
    });
    for (const client of [await firstClient(fetch), await askedClient(fetch, () => 'accept')]) {
      accepted.add(GOOD);
      await client.callTool(connectCall({ api_key: GOOD }));
      accepted.clear();
      const failed = structured(await client.callTool(READ));
      expect(failed).toMatchObject({ code: 'reconnect_required', next: expect.stringContaining('connect_provider(') });
      expect(failed).not.toHaveProperty('connect');
    }
    expect(lines.filter((line) => line.includes('no link to connect'))).toHaveLength(2);
    expect(lines.join()).not.toContain('canary');
  });

  it('marks the account once, however many calls find it out at the same time', async () => {
    const { fetch, accepted, deps } = setUpMcp();
    const marks: boolean[] = [];
    const { connections } = deps;
    const mark: ConnectionStore['needsReconnecting'] = connections.needsReconnecting.bind(connections);
    connections.needsReconnecting = async (...given) => {
      const marked = await mark(...given);
      marks.push(marked);
      return marked;
    };
    const client = await firstClient(fetch);
    await client.callTool(connectCall({ api_key: GOOD }));
    accepted.clear();
    await Promise.all(Array.from({ length: 4 }, () => client.callTool(READ)));
    expect(marks.filter(Boolean)).toHaveLength(1);
  });

  it('goes on by itself once the person has connected again, and a write is made exactly once', async () => {
    const { fetch, accepted, openLink, tools } = setUpMcp();
    const questions: Question[] = [];
    const client = await askedClient(fetch, async (question) => {
      questions.push(question);
      accepted.add('tok_new');
      await openLink(question.url, 'tok_new');
      return 'accept';
    });
    await client.callTool(connectCall({ api_key: GOOD }));
    accepted.clear();
    const painted = await client.callTool(WRITE);
    expect(structured(painted)).toMatchObject({ applied: { color: true }, connection: 'default', account: 'Ann' });
    expect(questions).toMatchObject([{ mode: 'url', message: expect.stringContaining('Connect Example') }]);
    const writes = tools().filter(({ method }) => method === 'POST');
    expect(writes.map(({ token }) => token)).toEqual([GOOD, 'tok_new']);
  });

  it('goes on through call_tool as well, with the account that was named', async () => {
    const { fetch, accepted, openLink } = setUpMcp();
    const client = await askedClient(fetch, async ({ url }) => {
      accepted.add(GOOD);
      await openLink(url);
      return 'accept';
    });
    await client.callTool(connectCall({ api_key: GOOD }));
    await client.callTool(connectCall({ api_key: GOOD, connection: 'work' }));
    accepted.clear();
    const args = { tool: WRITE.name, arguments: WRITE.arguments, connection: 'work' };
    expect(structured(await client.callTool({ name: 'call_tool', arguments: args }))).toMatchObject({
      applied: { color: true },
      connection: 'work',
    });
  });

  it('ends as a failure when the person declines, and nothing was sent', async () => {
    const { fetch, accepted, tools } = setUpMcp();
    const client = await askedClient(fetch, () => 'decline');
    await client.callTool(connectCall({ api_key: GOOD }));
    accepted.clear();
    await (await firstClient(fetch)).callTool(READ);
    const before = tools().length;
    const ended = await client.callTool(WRITE);
    expect(ended.isError).toBe(true);
    expect(structured(ended)).toMatchObject({
      code: 'reconnect_required',
      message: expect.stringContaining('did not'),
    });
    expect(structured(ended)).not.toHaveProperty('connect');
    expect(tools()).toHaveLength(before);
  });

  it('asks five times at most, with one link, and then fails with that link', async () => {
    const { fetch, accepted, links } = setUpMcp();
    const urls: string[] = [];
    const client = await askedClient(fetch, ({ url }) => {
      urls.push(url);
      return 'accept';
    });
    await client.callTool(connectCall({ api_key: GOOD }));
    accepted.clear();
    const ended = structured(await client.callTool(WRITE));
    expect(ended).toMatchObject({ code: 'reconnect_required', connect: INVITATION });
    expect([urls.length, new Set([...urls, ended.connect?.url]).size, links.rows.size]).toEqual([5, 1, 1]);
  });

  it('does not ask for ever when what is connected is dead at once', async () => {
    const { fetch, accepted, openLink, links, tools } = setUpMcp();
    const client = await askedClient(fetch, async ({ url }) => {
      accepted.add(GOOD);
      await openLink(url);
      accepted.clear();
      return 'accept';
    });
    await client.callTool(connectCall({ api_key: GOOD }));
    accepted.clear();
    expect(structured(await client.callTool(WRITE))).toMatchObject({ code: 'reconnect_required', connect: INVITATION });
    expect([links.rows.size, tools().length]).toEqual([6, 6]);
  });
});

describe('a call whose provider is not connected', () => {
  it('fails with a link and a code first where the client cannot be asked', async () => {
    const { fetch, links } = setUpMcp();
    for (const client of [await firstClient(fetch), await modernClient(fetch, 'pinned')]) {
      const failed = structured(await client.callTool(READ));
      expect(failed).toMatchObject({
        code: 'not_connected',
        connect: INVITATION,
        next: expect.stringMatching(
          /^Ask the user to open connect\.url.*connect_provider\(provider_key: "example"\) for a link/,
        ),
      });
    }
    expect(links.rows.size).toBe(2);
  });

  it('asks the person to connect and then runs', async () => {
    const { fetch, openLink } = setUpMcp();
    const client = await askedClient(fetch, async ({ url }) => {
      await openLink(url);
      return 'accept';
    });
    const read = await client.callTool({ ...READ, arguments: { connection: 'work' } });
    expect(structured(read)).toMatchObject({ items: [{ id: 1 }], connection: 'work' });
  });

  it('asks for a confirmation once, after connecting', async () => {
    const { fetch, openLink, tools } = setUpMcp();
    const modes: string[] = [];
    const client = await askedClient(fetch, async ({ mode, url }) => {
      modes.push(mode);
      if (mode === 'url') await openLink(url);
      return 'accept';
    });
    expect(structured(await client.callTool(ERASE))).toMatchObject({ item: { deleted: true } });
    expect(modes).toEqual(['url', 'form']);
    expect(tools().map(({ method }) => method)).toEqual(['DELETE']);
  });
});

describe('a write that may have run', () => {
  it('is never followed by a question that would repeat it', async () => {
    let questions = 0;
    const { fetch } = setUpMcp({
      deps: {
        transport: async ({ url }) => {
          if (url.pathname !== '/api/me') throw new TransportError('timeout', true);
          return { status: 200, headers: {}, text: '{"name":"Ann"}' };
        },
      },
    });
    const client = await askedClient(fetch, () => {
      questions += 1;
      return 'accept';
    });
    await client.callTool(connectCall({ api_key: GOOD }));
    expect(structured(await client.callTool(WRITE))).toMatchObject({ code: 'may_have_happened' });
    expect(questions).toBe(0);
  });
});
