/** Arguments as clients of many kinds send them, through the endpoint. */
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { path } from '../../../core/provider/request.ts';
import { defineTool } from '../../../core/provider/tool.ts';
import { exampleProvider } from '../../fakes/example-provider.ts';
import { provider as bitrix24 } from '../../../providers/bitrix24/provider.ts';
import { connectCall, GOOD, setUpMcp, structured } from './connecting.ts';
import { endpoint, firstClient } from './endpoint.ts';

const ERASE = 'example_erase_thing';

async function setUpConnected(options: Parameters<typeof setUpMcp>[0] = {}) {
  const world = setUpMcp(options);
  const client = await firstClient(world.fetch);
  await client.callTool(connectCall({ api_key: GOOD }));
  return { ...world, client };
}

describe('arguments', () => {
  it('are taken by schema for system tools', async () => {
    const { client } = await setUpConnected();
    const found = await client.callTool({ name: 'search_tools', arguments: { query: 'things', limit: '1' } });
    expect(structured(found)['tools']).toHaveLength(1);
    const listed = await client.callTool({ name: 'list_providers', arguments: { query: null } });
    expect(structured(listed)['providers']).toHaveLength(1);
    const connect = { provider_key: 'example', extra_fields: `{"api_key": "${GOOD}"}`, login: null, connection: 'b' };
    const connected = await client.callTool({ name: 'connect_provider', arguments: connect });
    expect(structured(connected)).toMatchObject({ status: 'connected', connection: 'b' });
  });

  it.each(['{"color": null}', '{}', '', null])('of call_tool may be text that holds them: %j', async (given) => {
    const { client } = await setUpConnected();
    const call = { tool: 'example_list_things', arguments: given, connection: '', confirm_token: null };
    const listed = await client.callTool({ name: 'call_tool', arguments: call });
    expect(structured(listed)).toMatchObject({ items: [{ id: 1 }] });
  });

  it('may be empty or null where a list is asked for from its start', async () => {
    const { client } = await setUpConnected();
    for (const cursor of ['', null]) {
      const call = { name: 'example_list_things', arguments: { cursor, color: cursor, connection: cursor } };
      expect(structured(await client.callTool(call))).toMatchObject({ items: [{ id: 1 }] });
    }
  });

  it('are the same for a confirmation however they are written', async () => {
    const erase = defineTool({
      name: 'erase_thing',
      title: 'Erase',
      description: 'Erases.',
      access: 'destructive',
      input: z.strictObject({ id: z.int(), note: z.string().optional() }),
      request: ({ id }) => ({ method: 'DELETE', ...path`/things/${id}` }),
      shape: { kind: 'item', item: () => ({ deleted: true }) },
    });
    const things = { title: 'Things', purpose: 'Erase', core: true, tools: [erase] };
    const { client, tools } = await setUpConnected({ provider: { ...exampleProvider, categories: { things } } });
    const ask = { tool: ERASE, arguments: '{"id": "7", "note": ""}' };
    const { confirm_token } = structured(await client.callTool({ name: 'call_tool', arguments: ask }));
    const go = { name: ERASE, arguments: { id: 7, confirm_token } };
    expect(structured(await client.callTool(go))).toMatchObject({ item: { deleted: true } });
    expect(tools().map((sent) => sent.path)).toEqual(['/api/things/7']);
  });

  it('that name an account by something else than text are refused, not run on the default account', async () => {
    const { client, tools } = await setUpConnected();
    const call = { name: 'example_list_things', arguments: { connection: 5 } };
    expect(structured(await client.callTool(call))).toMatchObject({ code: 'invalid_input' });
    expect(tools()).toEqual([]);
  });
});

describe('an unknown argument', () => {
  it('is refused with the names there are and the one that was meant', async () => {
    const { fetch } = endpoint({ transport: () => Promise.reject(new Error('nothing is sent')), provider: bitrix24 });
    const client = await firstClient(fetch);
    const call = { name: 'bitrix24_get_deal', arguments: { dealId: 5, deal_id: 5 } };
    expect(structured(await client.callTool(call))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('No argument is called "dealId" (did you mean deal_id?). There are: deal_id.'),
    });
    const system = await client.callTool({ name: 'search_tools', arguments: { query: 'deals', max: 3 } });
    expect(structured(system)['message']).toMatch(/No argument is called "max"\. There are: query, limit\./);
    const none = await client.callTool({ name: 'get_usage', arguments: { month: '2026-01' } });
    expect(structured(none)['message']).toMatch(/called "month"\. It takes none\./);
  });

  it('is named in few words, however many there are and however long', async () => {
    const { client } = await setUpConnected();
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}${'x'.repeat(500)}`, 1]));
    const told = structured(await client.callTool({ name: 'example_list_things', arguments: many }));
    expect(String(told['message']).length).toBeLessThan(400);
  });
});
