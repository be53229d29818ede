/** What operators can find of a failed call, by the reference that the agent was given. */
import { describe, expect, it } from '@jest/globals';
import { TransportError, type Transport } from '../../../core/egress/egress.ts';
import { Unavailable } from '../../../core/unavailable.ts';
import { fakeUsage } from '../../fakes/stores.ts';
import { principalOf } from '../../fakes/principal.ts';
import { endpoint, firstClient, type EndpointOptions } from './endpoint.ts';

const PRINCIPAL = principalOf({ org: 'jsm', user: 'ann' }, { keyId: 'k_1', tenantKeyId: 'tk_1' });

async function setUp(transport: Transport, deps: EndpointOptions['deps'] = {}) {
  const world = endpoint({ transport, principal: PRINCIPAL, deps });
  const client = await firstClient(world.fetch);
  const call = async (name: string, args: Record<string, unknown>) => {
    const { structuredContent, content } = await client.callTool({ name, arguments: args });
    return { told: Object(structuredContent) as Record<string, unknown>, text: JSON.stringify(content) };
  };
  const lineOf = (reference: unknown) =>
    world.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['reference'] === reference);
  return { ...world, call, lineOf };
}

/** Good until it is connected, then as the test says. */
function providerThat(answers: (pathname: string) => { status: number; body: unknown }): Transport {
  return async ({ url }) => {
    const { status, body } =
      url.pathname === '/api/me' ? { status: 200, body: { name: 'Ann' } } : answers(url.pathname);
    return { status, headers: {}, text: JSON.stringify(body) };
  };
}

const connect = { provider_key: 'example', api_key: 'tok_abc' };

describe('a failed call', () => {
  it('is found by its reference with host, status and vendor code, which no agent sees', async () => {
    const usage = fakeUsage(Date.now);
    const { call, lineOf } = await setUp(
      providerThat(() => ({ status: 503, body: { errors: [{ code: 'VENDOR_DOWN' }] } })),
      { usage },
    );
    await call('connect_provider', connect);
    const { told, text } = await call('example_get_thing', { id: '1' });
    expect(told).toMatchObject({ code: 'provider_down', reference: expect.any(String) });
    expect(text).not.toMatch(/VENDOR_DOWN|one\.example\.com|503/);
    expect(lineOf(told['reference'])).toEqual([
      expect.objectContaining({
        event: 'tool call',
        keyId: 'k_1',
        cause: { host: 'one.example.com', status: 503, vendor_code: 'VENDOR_DOWN' },
      }),
    ]);
    expect(usage.failed).toEqual([
      expect.objectContaining({
        reference: told['reference'],
        tool: 'example_get_thing',
        provider: 'example',
        code: 'provider_down',
        keyId: 'k_1',
        tenantKeyId: 'tk_1',
        org: 'jsm',
        user: 'ann',
        cause: { host: 'one.example.com', status: 503, vendorCode: 'VENDOR_DOWN' },
      }),
    ]);
  });

  it.each([
    ['a tool of the endpoint with wrong arguments', 'search_tools', { wrong: 1 }, 'invalid_input'],
    ['call_tool with a tool that does not exist', 'call_tool', { tool: 'example_nothing' }, 'not_found'],
    ['a provider that refuses the credential', 'connect_provider', { ...connect, api_key: 'tok_bad' }, 'invalid_input'],
    ['a tool of a provider that is not connected', 'example_get_thing', { id: '1' }, 'not_connected'],
  ])('of any kind has one line and one note by its reference: %s', async (_kind, name, args, code) => {
    const usage = fakeUsage(Date.now);
    const transport: Transport = async () => ({ status: 401, headers: {}, text: '{"error":"REVOKED"}' });
    const { call, lineOf } = await setUp(transport, { usage });
    const { told } = await call(name, args);
    expect([told['code'], lineOf(told['reference']).length]).toEqual([code, 1]);
    expect(usage.failed.map(({ reference, code: noted }) => [reference, noted])).toEqual([[told['reference'], code]]);
    const isSent = name === 'connect_provider';
    expect(usage.failed[0]?.cause).toEqual(
      isSent ? { host: 'one.example.com', status: 401, vendorCode: 'REVOKED' } : undefined,
    );
  });

  it('by a broken connection says how it ended', async () => {
    const usage = fakeUsage(Date.now);
    let isConnected = false;
    const transport: Transport = async () => {
      if (isConnected) throw new TransportError('unreachable', false);
      isConnected = true;
      return { status: 200, headers: {}, text: '{"name":"Ann"}' };
    };
    const { call } = await setUp(transport, { usage });
    await call('connect_provider', connect);
    await call('example_get_thing', { id: '1' });
    expect(usage.failed[0]?.cause).toEqual({ host: 'one.example.com', broke: 'unreachable' });
  });

  it('by an outage of our own names the service and what it calls the reason', async () => {
    const usage = fakeUsage(Date.now);
    const throttled = Object.assign(new Error('rate exceeded for arn:aws:x'), { name: 'ThrottlingException' });
    const world = endpoint({ transport: async () => Promise.reject(new Error('nothing is sent')) });
    const connections = {
      ...world.deps.connections,
      first: () => Promise.reject(new Unavailable('store', { cause: throttled })),
    };
    const { call, lineOf } = await setUp(world.deps.transport, { usage, connections });
    const { told, text } = await call('example_get_thing', { id: '1' });
    expect(told['code']).toBe('unavailable');
    expect(text).not.toContain('ThrottlingException');
    expect(usage.failed[0]?.cause).toEqual({ host: 'store', vendorCode: 'ThrottlingException' });
    expect(lineOf(told['reference'])).toEqual([
      expect.objectContaining({
        event: 'tool call failed',
        cause: { host: 'store', vendor_code: 'ThrottlingException' },
      }),
    ]);
  });
});
