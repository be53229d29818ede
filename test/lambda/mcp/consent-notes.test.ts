/** What went wrong on the pages is told in the conversation too: by the next call that asks to connect. */
import { describe, expect, it } from '@jest/globals';
import { CONSENT_PROBLEMS, consentFault } from '../../../core/consent/problem.ts';
import { hashOfLink } from '../../../core/connect/link.ts';
import { principalOf } from '../../fakes/principal.ts';
import { askedClient, connectCall, GOOD, setUpMcp, structured } from './connecting.ts';
import { firstClient } from './endpoint.ts';

const { tenant } = principalOf();
const about = { provider: 'example', connection: 'default' };

describe('after a consent that led to nothing', () => {
  it.each(CONSENT_PROBLEMS)('the next call says what happened and what to do, beside a new link: %s', async (state) => {
    const { fetch, notes } = setUpMcp();
    await notes.put(tenant, { ...about, state });
    const result = structured(await (await firstClient(fetch)).callTool(connectCall()));
    const { code, message, next } = consentFault(state, 'Example');
    expect(result).toMatchObject({ status: 'action_required', last_attempt: { code, message, next } });
    expect(result['message']).toContain(message);
    expect(result.url).toContain('/connect/');
  });

  it('a client that opens addresses is told of a used link, and given another', async () => {
    const { fetch, notes, links } = setUpMcp();
    const urls: string[] = [];
    const client = await askedClient(fetch, async ({ url }) => {
      urls.push(url);
      await notes.put(tenant, { ...about, state: 'consent_denied', linkHash: hashOfLink(url) });
      return 'accept';
    });
    const result = structured(await client.callTool(connectCall()));
    expect(result).toMatchObject({ status: 'action_required', last_attempt: { code: 'forbidden' } });
    expect([urls.length, links.rows.size]).toEqual([1, 2]);
    expect(result.url).not.toBe(urls[0]);
  });

  it('a tool call that waits for the account says it too', async () => {
    const { fetch, notes, sent } = setUpMcp();
    const client = await askedClient(fetch, async ({ url }) => {
      await notes.put(tenant, { ...about, state: 'missing_scope', linkHash: hashOfLink(url) });
      return 'accept';
    });
    const result = await client.callTool({ name: 'example_list_things', arguments: {} });
    expect(result.isError).toBe(true);
    expect(structured(result)).toMatchObject({
      code: 'not_connected',
      message: expect.stringContaining('not every permission was given'),
      connect: { url: expect.stringContaining('/connect/') },
    });
    expect(sent).toEqual([]);
  });

  it('an account that was connected in another way meanwhile ends the story', async () => {
    const { fetch, notes } = setUpMcp();
    await notes.put(tenant, { ...about, state: 'consent_denied' });
    const client = await firstClient(fetch);
    await client.callTool(connectCall({ api_key: GOOD }));
    expect(notes.rows.size).toBe(0);
    expect(structured(await client.callTool(connectCall()))).not.toHaveProperty('last_attempt');
  });

  it('an account that was connected is told as connected, although the note could not be cleared', async () => {
    const notes = { find: async () => undefined, clear: () => Promise.reject(new Error('no table')) };
    const { fetch, lines, connections } = setUpMcp({ deps: { notes } });
    const result = await (await firstClient(fetch)).callTool(connectCall({ api_key: GOOD }));
    expect(structured(result)).toMatchObject({ status: 'connected', account: 'Ann' });
    expect(connections.rows.size).toBe(1);
    expect(lines.join()).toContain('consent not noted');
  });

  it('a note of an older link does not end the question about a newer one', async () => {
    const { fetch, notes, openLink } = setUpMcp();
    await notes.put(tenant, { ...about, state: 'consent_denied', linkHash: 'f'.repeat(64) });
    let asked = 0;
    const client = await askedClient(fetch, async ({ url }) => {
      if ((asked += 1) === 2) await openLink(url, GOOD);
      return 'accept';
    });
    expect(structured(await client.callTool(connectCall()))).toMatchObject({ status: 'connected' });
    expect(asked).toBe(2);
  });
});

describe('while the browser is away for consent', () => {
  it.each([
    ['connect_provider', connectCall(), { status: 'connected' }],
    ['a call that lacks its account', { name: 'example_list_things', arguments: {} }, { items: [{ id: 1 }] }],
  ])('%s waits for it, without sending anybody to the used link', async (_name, call, done) => {
    let finish = async (): Promise<void> => undefined;
    let looks = 0;
    const world = setUpMcp({
      deps: {
        sleep: async () => {
          if ((looks += 1) === 10) await finish();
        },
      },
    });
    const urls: string[] = [];
    const client = await askedClient(world.fetch, async ({ url }) => {
      urls.push(url);
      await world.notes.put(tenant, { ...about, state: 'begun', linkHash: hashOfLink(url) });
      finish = () => world.openLink(url);
      return 'accept';
    });
    expect(structured(await client.callTool(call))).toMatchObject(done);
    expect([urls.length, world.links.rows.size]).toEqual([1, 1]);
  });

  it('a call waits for five rounds at most, and then ends with a new link', async () => {
    const { fetch, notes, links } = setUpMcp();
    let asked = 0;
    const client = await askedClient(fetch, async ({ url }) => {
      asked += 1;
      await notes.put(tenant, { ...about, state: 'begun', linkHash: hashOfLink(url) });
      return 'accept';
    });
    expect(structured(await client.callTool(connectCall()))).toMatchObject({
      status: 'action_required',
      message: expect.stringContaining('was begun and has not come back yet'),
    });
    expect([asked, links.rows.size]).toEqual([1, 2]);
  });

  it('the next call says so, and that the account may still come', async () => {
    const { fetch, notes } = setUpMcp();
    await notes.put(tenant, { ...about, state: 'begun' });
    const result = structured(await (await firstClient(fetch)).callTool(connectCall()));
    expect(result['message']).toMatch(/was begun and has not come back yet; list_connections shows/);
    expect(result).not.toHaveProperty('last_attempt');
  });
});
