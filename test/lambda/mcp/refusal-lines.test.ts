/** A request that the MCP function refuses leaves one line with the key and the reason, and nothing that it carried. */
import { describe, expect, it } from '@jest/globals';
import type { Principal } from '../../../core/keys/principal.ts';
import { principalOf } from '../../fakes/principal.ts';
import { noLimits } from '../../fakes/stores.ts';
import { modernRequest } from './modern-request.ts';
import { ADDRESS, endpoint, PUBLIC_URL } from './endpoint.ts';

const CANARY = 'canary-of-the-caller';
const principal = principalOf({ org: 'jsm', user: 'ann' }, { keyId: 'k_1', tenantKeyId: 'tk_1' });
const call = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id: CANARY, method, params });
const limited = {
  ...noLimits,
  request: async () => ({ ok: false, of: 'minute', limit: 3, retryAfter: 9 }) as const,
};

async function refusals(
  body: string,
  as: Principal = principal,
  over: Parameters<typeof endpoint>[0]['deps'] = {},
  headers = {},
) {
  const { app, lines } = endpoint({ transport: () => Promise.reject(new Error('nothing is sent')), deps: over });
  const request = new Request(ADDRESS, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  const response = await app(request, as, { requestId: 'r-1', budgetMs: 25_000, publicUrl: PUBLIC_URL });
  await response.text();
  expect(lines.join('\n')).not.toContain(CANARY);
  return lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'request refused');
}

describe('a refused request leaves one line with the key and the reason', () => {
  const tenant = { requestId: 'r-1', keyId: 'k_1', tenantKeyId: 'tk_1', clientId: 'acme', tenant: expect.any(String) };

  it.each([
    ['a tool that does not exist', 'unknown_tool', call('tools/call', { name: CANARY, arguments: {} })],
    ['a method that does not exist', 'unknown_method', call(`x/${CANARY}`, {})],
    ['parameters of another shape', 'invalid_params', call('tools/call', { name: 7, [CANARY]: 1 })],
    ['a body that is no JSON', 'invalid_request', CANARY],
    ['a body nested too deep', 'too_deep', `${'['.repeat(200)}${']'.repeat(200)}`],
    ['a body that is too large', 'too_large', JSON.stringify(CANARY.repeat(250_000))],
  ])('%s', async (_what, outcome, body) => {
    expect(await refusals(body)).toEqual([expect.objectContaining({ ...tenant, outcome })]);
  });

  it.each([
    ['unknown_tool', 'tools/call', { name: CANARY, arguments: {} }],
    ['unknown_method', `x/${CANARY}`, {}],
    ['invalid_params', 'tools/call', { name: 'get_usage', arguments: CANARY }],
  ])('of the newest protocol version: %s', async (outcome, method, params) => {
    const { fetch, lines } = endpoint({ transport: () => Promise.reject(new Error('nothing is sent')), principal });
    await modernRequest(fetch, method, params);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ event: 'request refused', ...tenant, requestId: 'r', outcome }),
    ]);
  });

  it('too many requests', async () => {
    const lines = await refusals(call('tools/list', {}), principal, { keyLimiter: limited });
    expect(lines).toEqual([expect.objectContaining({ ...tenant, outcome: 'rate_limited', status: 429 })]);
  });

  it('a page of another origin', async () => {
    const lines = await refusals(call('tools/list', {}), principal, {}, { origin: `https://${CANARY}.example` });
    expect(lines).toEqual([expect.objectContaining({ ...tenant, outcome: 'origin', status: 403 })]);
  });

  it('parameters in the address that make no sense', async () => {
    const rejected: Principal = { kind: 'rejected', problem: CANARY, keyId: 'k_1', clientId: 'acme' };
    expect(await refusals('{}', rejected)).toEqual([
      expect.objectContaining({ requestId: 'r-1', keyId: 'k_1', clientId: 'acme', outcome: 'parameters', status: 400 }),
    ]);
  });

  it('a key of another kind', async () => {
    expect(await refusals('{}', { kind: 'operator', keyId: 'op_1' })).toEqual([
      expect.objectContaining({ keyId: 'op_1', outcome: 'wrong_scope', status: 403 }),
    ]);
  });
});
