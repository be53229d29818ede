/** What clients are told while our own store, key service or sign-in service limits or is down. */
import { describe, expect, it } from '@jest/globals';
import { Unavailable } from '../../../core/unavailable.ts';
import { principalOf } from '../../fakes/principal.ts';
import { noLimits } from '../../fakes/stores.ts';
import { connectCall, GOOD, setUpMcp } from './connecting.ts';
import { ADDRESS, endpoint } from './endpoint.ts';
import { modernRequest } from './modern-request.ts';

const down = () => Promise.reject(new Unavailable('store'));
const bug = () => Promise.reject(new Error('a secret of ours'));
const transport = async () => ({ status: 200, headers: {}, text: '{}' });

describe('an outage of ours', () => {
  it('ends a tool call as unavailable, with the time to wait, and never as internal', async () => {
    const { fetch, deps } = setUpMcp();
    Object.assign(deps.connections, { list: down });
    const { status, messages } = await modernRequest(fetch, 'tools/call', { name: 'list_connections' });
    expect([status, messages]).toEqual([
      200,
      [
        expect.objectContaining({
          result: expect.objectContaining({
            isError: true,
            structuredContent: {
              code: 'unavailable',
              message: 'The store of this endpoint is limiting or down right now.',
              next: 'Wait for retry_after seconds, then call again.',
              retry_after: 5,
              reference: expect.any(String),
            },
          }),
        }),
      ],
    ]);
  });

  it('answers any other method 503 with Retry-After', async () => {
    const { fetch, deps } = setUpMcp();
    Object.assign(deps.connections, { list: down });
    const headers = {
      'content-type': 'application/json',
      'mcp-protocol-version': '2025-11-25',
      accept: 'application/json',
    };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const { status } = await modernRequest(fetch, 'tools/list');
    expect(status).toBe(503);
    const response = await fetch(ADDRESS, { method: 'POST', headers, body });
    await response.text();
    if (response.headers.get('content-type')?.includes('json') === true) {
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    }
  });

  it('of the counters answers 503 with Retry-After, because what cannot be counted is not run', async () => {
    const { fetch } = endpoint({
      transport,
      principal: principalOf({}, { limits: { rpm: 1 } }),
      deps: { keyLimiter: { ...noLimits, request: down } },
    });
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const response = await fetch(ADDRESS, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await response.json()).toMatchObject({ id: null, error: { code: -32053 } });
  });

  it.each([
    ['an outage', down],
    ['a bug', bug],
  ])('after the answer changes nothing: %s in the bookkeeping', async (_what, fails) => {
    const { fetch, deps, lines } = setUpMcp();
    const connected = await modernRequest(fetch, 'tools/call', connectCall({ api_key: GOOD }));
    expect(connected.status).toBe(200);
    Object.assign(deps.usage, { count: fails, noteFailure: fails });
    Object.assign(deps.results, { keep: fails });
    const called = await modernRequest(fetch, 'tools/call', { name: 'example_list_things', arguments: {} });
    expect(called.messages).toEqual([
      expect.objectContaining({ result: expect.not.objectContaining({ isError: true }) }),
    ]);
    expect(lines.join('')).toContain('call not counted');
    expect(lines.join('')).not.toContain('a secret of ours');
  });
});
