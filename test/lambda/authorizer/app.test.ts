/** What the authorizer writes down of a refusal, and that the caller hears nothing of it. */
import { describe, expect, it } from '@jest/globals';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { displayKey, hashKey, mintKey, type KeyRecord, type TenantKeyRecord } from '../../../core/keys/api-key.ts';
import { createLog } from '../../../core/log.ts';
import { createAuthorizer } from '../../../lambda/authorizer/app.ts';
import { apiKeyRecord } from '../../fakes/keys.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const KEY = mintKey();
const TENANT_KEY = mintKey();

interface Situation {
  readonly record?: KeyRecord;
  readonly tenantKey?: Partial<TenantKeyRecord>;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly query?: Readonly<Record<string, readonly string[]>>;
  readonly resource?: string;
}

/** What the authorizer answers or throws, and the lines that it has written by then. */
async function ask({ record, tenantKey, headers = { 'x-api-key': [KEY] }, query = {}, resource = '/mcp' }: Situation) {
  const lines: Record<string, unknown>[] = [];
  const tenantKeyRecord: TenantKeyRecord = {
    keyId: 'tk_1',
    display: displayKey(TENANT_KEY),
    parentHash: hashKey(KEY),
    parentId: 'k_1',
    clientId: 'acme',
    createdAt: '2026-11-22T11:00:00.000Z',
    expiresAt: '2026-11-22T13:00:00.000Z',
    ...tenantKey,
  };
  const authorize = createAuthorizer({
    keys: {
      find: async (hash) => (hash === hashKey(KEY) ? record : undefined),
      findTenantKey: async (hash) =>
        tenantKey !== undefined && hash === hashKey(TENANT_KEY) ? tenantKeyRecord : undefined,
    },
    clock: () => NOW,
    log: createLog({
      service: 'authorizer',
      write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
      clock: () => NOW,
    }),
  });
  const event = {
    resource,
    httpMethod: 'POST',
    methodArn: 'arn',
    multiValueHeaders: headers,
    multiValueQueryStringParameters: query,
    requestContext: { requestId: 'r-1' },
  } as unknown as APIGatewayRequestAuthorizerEvent;
  const [answer] = await Promise.allSettled([authorize(event)]);
  return { answer, lines };
}

const api = (more: Parameters<typeof apiKeyRecord>[0] = {}) => apiKeyRecord({ keyId: 'k_1', ...more });
const operator: KeyRecord = {
  kind: 'operator',
  keyId: 'op_1',
  status: 'active',
  display: 'd',
  createdAt: '2026-01-01T00:00:00.000Z',
  scope: 'all',
};
const bearingTenantKey = { 'x-api-key': [TENANT_KEY] };
const REFUSED: readonly (readonly [why: string, keyId: string | undefined, status: number, situation: Situation])[] = [
  ['no_key', undefined, 401, { headers: {} }],
  ['two_keys', undefined, 401, { headers: { 'x-api-key': [KEY], authorization: [`Bearer ${mintKey()}`] } }],
  ['malformed', undefined, 401, { headers: { 'x-api-key': ['allmcp_short'] } }],
  ['unknown', undefined, 401, {}],
  ['revoked', 'k_1', 401, { record: api({ status: 'revoked' }) }],
  ['expired', 'k_1', 401, { record: api({ expiresAt: '2026-11-22T11:59:59.000Z' }) }],
  ['revoked', 'op_1', 401, { record: { ...operator, status: 'revoked' }, resource: '/admin/v1/{proxy+}' }],
  [
    'expired',
    'k_1',
    401,
    { record: api(), tenantKey: { expiresAt: '2026-11-22T12:00:00.000Z' }, headers: bearingTenantKey },
  ],
  ['parent_ended', 'k_1', 401, { record: api({ status: 'revoked' }), tenantKey: {}, headers: bearingTenantKey }],
  ['wrong_scope', 'k_1', 403, { record: api({ type: 'solo' }), query: { user_id: ['u'] } }],
  ['wrong_scope', 'k_1', 403, { record: api(), resource: '/admin/v1/{proxy+}' }],
  ['wrong_scope', 'op_1', 403, { record: operator }],
  ['wrong_scope', 'k_1', 403, { record: api(), tenantKey: {}, headers: bearingTenantKey, query: { user_id: ['bob'] } }],
];

describe('a refused key', () => {
  it.each(REFUSED)('leaves one line: %s, key %s, status %s', async (outcome, keyId, status, situation) => {
    const { lines } = await ask(situation);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ event: 'request refused', requestId: 'r-1', outcome, status });
    expect(lines[0]?.['keyId']).toBe(keyId);
    expect(JSON.stringify(lines)).not.toContain(KEY);
    expect(JSON.stringify(lines)).not.toContain(TENANT_KEY);
    expect(lines[0]?.['tenantKeyId']).toBe(situation.tenantKey === undefined ? undefined : 'tk_1');
  });

  it('is told the same whatever the reason was, without frames that look like a fault of ours', async () => {
    const refused = await Promise.all(REFUSED.filter(([, , status]) => status === 401).map(([, , , s]) => ask(s)));
    for (const { answer } of refused) {
      if (answer.status !== 'rejected') throw new Error('expected a refusal');
      const { name, message, stack } = answer.reason as Error;
      expect([name, message, stack]).toEqual(['Error', 'Unauthorized', 'Error: Unauthorized']);
    }
  });

  it('beyond its scope is named in the access log', async () => {
    const { answer } = await ask({ record: api({ type: 'solo' }), query: { user_id: ['u'] } });
    expect(answer).toMatchObject({ value: { context: { keyId: 'k_1', reason: expect.stringContaining('solo key') } } });
  });

  it('with parameters that make no sense is named to the function that answers', async () => {
    const { answer, lines } = await ask({ record: api(), query: { user_id: [''] } });
    expect(answer).toMatchObject({
      value: { principalId: 'k_1', context: { kind: 'rejected', keyId: 'k_1', clientId: 'acme' } },
    });
    expect(lines).toEqual([]);
  });
});
