/** The order of a call's steps, as clients notice it: arguments, account, confirmation, run. */
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { defineTool } from '../../../core/provider/tool.ts';
import { get } from '../../../core/provider/request.ts';
import { exampleProvider } from '../../fakes/example-provider.ts';
import { principalOf } from '../../fakes/principal.ts';
import { askedClient, connectCall, GOOD, setUpMcp, structured } from './connecting.ts';
import { firstClient } from './endpoint.ts';

const ERASE = { name: 'example_erase_thing', arguments: { id: '7' } };
const WRONG = { name: 'example_erase_thing', arguments: { id: 7 } };

/** A person who opens every link, says yes to every form, and whose client tells what it was asked. */
async function setUpPerson(answer: (mode: string) => string = () => 'accept') {
  const world = setUpMcp();
  const modes: string[] = [];
  const client = await askedClient(world.fetch, async ({ mode, url }) => {
    modes.push(mode);
    const said = answer(mode);
    if (mode === 'url' && said === 'accept') {
      world.accepted.add('tok_new');
      await world.openLink(url, 'tok_new');
    }
    return said;
  });
  return { ...world, client, modes };
}

describe('wrong arguments', () => {
  it('are told before the account and before any question', async () => {
    const { client, modes, links, connections } = await setUpPerson();
    expect(connections.rows.size).toBe(0);
    expect(structured(await client.callTool(WRONG))).toMatchObject({ code: 'invalid_input' });
    await client.callTool(connectCall({ api_key: GOOD }));
    expect(structured(await client.callTool(WRONG))).toMatchObject({ code: 'invalid_input' });
    expect([modes, links.rows.size]).toEqual([[], 0]);
  });

  it('are told in place of a confirm_token that could only be refused', async () => {
    const { fetch } = setUpMcp();
    const client = await firstClient(fetch);
    await client.callTool(connectCall({ api_key: GOOD }));
    const told = structured(await client.callTool(WRONG));
    expect(told).toMatchObject({ code: 'invalid_input', reference: expect.any(String) });
    expect(told).not.toHaveProperty('confirm_token');
  });

  it('and good ones are parsed once in a call', async () => {
    let parsings = 0;
    const input = z.strictObject({ id: z.string() }).refine(() => (parsings += 1) > 0);
    const counted = defineTool({
      name: 'count_thing',
      title: 'Count',
      description: 'Counts.',
      access: 'read',
      input,
      request: () => get('/things/1'),
      shape: { kind: 'item', item: () => ({ counted: true }) },
    });
    const things = { title: 'Things', purpose: 'Count', core: true, tools: [counted] };
    const { fetch } = setUpMcp({ provider: { ...exampleProvider, categories: { things } } });
    const client = await firstClient(fetch);
    await client.callTool(connectCall({ api_key: GOOD }));
    const read = await client.callTool({ name: 'example_count_thing', arguments: { id: '1' } });
    expect([structured(read)['item'], parsings]).toEqual([{ counted: true }, 1]);
  });
});

describe('the account of a call that has to be confirmed', () => {
  it('comes first: not_connected, and nobody is asked to confirm', async () => {
    const { fetch, usage, lines } = setUpMcp();
    const client = await firstClient(fetch);
    for (const call of [ERASE, { name: 'call_tool', arguments: { tool: ERASE.name, arguments: ERASE.arguments } }]) {
      const told = structured(await client.callTool(call));
      expect(told).toMatchObject({ code: 'not_connected', next: expect.stringContaining('connect_provider(') });
      expect(told).not.toHaveProperty('confirm_token');
    }
    const tried = lines.filter((line) => line.includes('"tool call"'));
    expect(tried.map((line) => JSON.parse(line) as object)).toMatchObject([
      { tool: ERASE.name, outcome: 'not_connected' },
      { tool: ERASE.name, outcome: 'not_connected' },
    ]);
    expect(await usage.recentFailures(principalOf().tenant)).toHaveLength(2);
  });

  it('comes first when its credential is known to be dead', async () => {
    const { fetch, accepted, tools } = setUpMcp();
    const client = await firstClient(fetch);
    await client.callTool(connectCall({ api_key: GOOD }));
    accepted.clear();
    await client.callTool({ name: 'example_list_things', arguments: {} });
    const before = tools().length;
    expect(structured(await client.callTool(ERASE))).toMatchObject({ code: 'reconnect_required', connect: {} });
    expect(tools()).toHaveLength(before);
  });

  it('is asked for before the confirmation, and a person who declines is not asked to confirm', async () => {
    const { client, modes, tools } = await setUpPerson((mode) => (mode === 'url' ? 'decline' : 'accept'));
    expect(structured(await client.callTool(ERASE))).toMatchObject({ code: 'not_connected' });
    expect([modes, tools()]).toEqual([['url'], []]);
  });

  it('is connected, then the call confirmed, then it runs; declining the confirmation sends nothing', async () => {
    const willing = await setUpPerson();
    expect(structured(await willing.client.callTool(ERASE))).toMatchObject({ item: { deleted: true } });
    expect(willing.modes).toEqual(['url', 'form']);
    const unwilling = await setUpPerson((mode) => (mode === 'form' ? 'decline' : 'accept'));
    expect(structured(await unwilling.client.callTool(ERASE))).toMatchObject({ status: 'declined' });
    expect([unwilling.modes, unwilling.tools()]).toEqual([['url', 'form'], []]);
  });

  it('is asked for five times in all, however a confirmation comes between', async () => {
    const { client, modes, accepted, deps } = await setUpPerson();
    const put = deps.connections.put.bind(deps.connections);
    deps.connections.put = async (...given) => {
      await put(...given);
      accepted.clear();
    };
    const ended = structured(await client.callTool(ERASE));
    expect(ended).toMatchObject({ code: 'reconnect_required', connect: {} });
    expect(modes).toEqual(['url', 'form', 'url', 'url', 'url', 'url']);
  });
});

describe('a confirmed call', () => {
  it('is not confirmed again after its dead credential has been replaced', async () => {
    const { client, modes, accepted, tools } = await setUpPerson();
    await client.callTool(connectCall({ api_key: GOOD }));
    accepted.clear();
    expect(structured(await client.callTool(ERASE))).toMatchObject({ item: { deleted: true } });
    expect(modes).toEqual(['form', 'url']);
    expect(tools().map(({ method, token }) => [method, token])).toEqual([
      ['DELETE', GOOD],
      ['DELETE', 'tok_new'],
    ]);
  });

  it('is not confirmed again while the person takes several rounds to connect', async () => {
    const { fetch, accepted, openLink } = setUpMcp();
    const modes: string[] = [];
    const client = await askedClient(fetch, async ({ mode, url }) => {
      modes.push(mode);
      if (modes.length < 4) return 'accept';
      accepted.add(GOOD);
      await openLink(url);
      return 'accept';
    });
    await client.callTool(connectCall({ api_key: GOOD }));
    accepted.clear();
    expect(structured(await client.callTool(ERASE))).toMatchObject({ item: { deleted: true } });
    expect(modes).toEqual(['form', 'url', 'url', 'url']);
  });
});
