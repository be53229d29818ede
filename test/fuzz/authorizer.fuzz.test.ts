/** Hostile events against the authorizer: it allows a good key only, and says nothing but what API Gateway can pass on. */
import { describe, expect, it } from '@jest/globals';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import fc from 'fast-check';
import { createAuthorizer } from '../../lambda/authorizer/app.ts';
import { hashKey, mintKey } from '../../core/keys/api-key.ts';
import type { KeyRecord, TenantKeyRecord } from '../../core/keys/api-key.ts';
import { createLog } from '../../core/log.ts';
import { fromAuthorizerContext } from '../../core/keys/principal.ts';
import { checkNoLeak, within } from './answers.ts';
import { apiKeyRecord } from '../fakes/keys.ts';
import { headerValue, oddKey, oddText } from './hostile.ts';
import { fuzzSettings } from './settings.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

const GOOD = new Map<string, KeyRecord>([
  [mintKey(), apiKeyRecord({})],
  [mintKey(), apiKeyRecord({ type: 'solo' })],
  [mintKey(), apiKeyRecord({ type: 'client', limits: { rpm: 1, monthly: 2 } })],
  [mintKey(), apiKeyRecord({ orgs: ['blue', '🦀'] })],
]);
const BAD = new Map<string, KeyRecord>([
  [mintKey(), apiKeyRecord({ status: 'revoked' })],
  [mintKey(), apiKeyRecord({ expiresAt: '2026-11-22T11:59:59.999Z' })],
]);
const RECORDS = new Map([...GOOD, ...BAD].map(([key, stored]) => [hashKey(key), stored]));

/** Of the first good key and the first bad one, each for one tenant. */
const [goodParent = '', badParent = ''] = [GOOD, BAD].map((keys) => [...keys.keys()][0] ?? '');
const TENANT = { clientId: 'acme', org: 'blue', user: '🦀' };
function tenantKeyOf(parent: string): TenantKeyRecord {
  return {
    ...TENANT,
    keyId: 'tk_1',
    display: 'allmcp_abcd…',
    parentHash: hashKey(parent),
    parentId: 'k_1',
    createdAt: '2026-11-22T11:59:00.000Z',
    expiresAt: '2026-11-22T12:01:00.000Z',
  };
}
const TENANT_KEY = mintKey();
const ENDED_TENANT_KEY = mintKey();
const TENANT_KEYS = new Map([
  [hashKey(TENANT_KEY), tenantKeyOf(goodParent)],
  [hashKey(ENDED_TENANT_KEY), tenantKeyOf(badParent)],
]);
const authorize = createAuthorizer({
  keys: { find: async (hash) => RECORDS.get(hash), findTenantKey: async (hash) => TENANT_KEYS.get(hash) },
  clock: () => NOW,
  log: createLog({ service: 'authorizer', write: checkNoLeak, clock: () => NOW }),
});

const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...GOOD.keys(), TENANT_KEY) },
  { weight: 3, arbitrary: fc.constantFrom(...BAD.keys(), ENDED_TENANT_KEY, mintKey(), 'allmcp_x', 'allmcp_') },
  { weight: 1, arbitrary: headerValue },
);
const apiKeyName = fc.constantFrom('X-API-Key', 'x-api-key', 'X-Api-KEY');
const header = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(apiKeyName, fc.array(key, { maxLength: 2 })) },
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.constantFrom('Authorization', 'authorization'),
      fc.array(
        fc.tuple(fc.constantFrom('Bearer ', 'bearer   ', 'Basic ', '', 'Bearer'), key).map(([a, b]) => a + b),
        { maxLength: 2 },
      ),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(oddKey, fc.oneof(fc.array(oddText, { maxLength: 2 }), fc.constant(undefined))) },
);
const id = fc.oneof(
  fc.constantFrom('u', 'blue', '🦀', 'red', '', '=', '#/%:', 'x'.repeat(200), 'x'.repeat(201)),
  oddText,
);
const parameter = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.constantFrom('user_id', 'org_id'), fc.array(id, { minLength: 1, maxLength: 2 })),
  },
  { weight: 1, arbitrary: fc.tuple(oddKey, fc.oneof(fc.array(oddText, { maxLength: 2 }), fc.constant(undefined))) },
);

/** `__proto__` stays a property of its own, as in parsed JSON. */
const record3 = (pair: fc.Arbitrary<readonly [string, unknown]>) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.array(pair, { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)) },
    { weight: 1, arbitrary: fc.constant(null) },
  );

const event = fc
  .record({
    type: fc.constant('REQUEST'),
    methodArn: fc.constant('arn:aws:execute-api:eu-central-1:123456789012:api/v1/POST/mcp'),
    resource: fc.oneof(
      { weight: 9, arbitrary: fc.constant('/mcp') },
      { weight: 1, arbitrary: fc.constantFrom('/admin/v1/{proxy+}', '/tenant-keys', '/', '') },
    ),
    multiValueHeaders: record3(header as fc.Arbitrary<readonly [string, unknown]>),
    multiValueQueryStringParameters: record3(parameter as fc.Arbitrary<readonly [string, unknown]>),
  })
  .map((one) => one as unknown as APIGatewayRequestAuthorizerEvent);

/** Every key that the event presents, in the places where a key is looked for. */
function presented({ multiValueHeaders }: APIGatewayRequestAuthorizerEvent): ReadonlySet<string> {
  const values = Object.entries(multiValueHeaders ?? {}).flatMap(([name, list]) => {
    // An empty header is no header.
    if (name.toLowerCase() === 'x-api-key')
      return (list ?? []).map((value) => value.trim()).filter((value) => value !== '');
    return name.toLowerCase() === 'authorization'
      ? (list ?? []).flatMap((value) => /^bearer +(\S+) *$/i.exec(value)?.[1] ?? [])
      : [];
  });
  return new Set(values);
}

const KNOWN = ['org_id', 'user_id', 'full_catalog', 'system_only'];

/** A hash of a key goes to the function that makes tenant keys alone, and a tenant key is its tenant or nothing. */
function checkAllowed(given: APIGatewayRequestAuthorizerEvent, key: string, context: Record<string, unknown>): void {
  const principal = fromAuthorizerContext(context);
  const text = JSON.stringify(context);
  const isHashGiven = [...RECORDS.keys(), ...TENANT_KEYS.keys()].some((hash) => text.includes(hash));
  const isIssuer = principal.kind === 'issuer' && given.resource === '/tenant-keys';
  const names = Object.keys(given.multiValueQueryStringParameters ?? {});
  if (principal.kind === 'tenant' && names.some((name) => !KNOWN.includes(name)))
    throw new Error('a name that is not known, taken as left out');
  if (isHashGiven !== isIssuer) throw new Error('a hash in the wrong place');
  if (key === TENANT_KEY && principal.kind !== 'rejected') expect(principal).toMatchObject(TENANT);
}

describe('whatever event reaches the authorizer', () => {
  it('allows nothing but one good key, and answers in flat texts that can be pasted into JSON', async () => {
    const seen = { allowed: 0, denied: 0, unauthorized: 0 };
    const property = fc.asyncProperty(event, async (given) => {
      const answer = await within(5_000, authorize(given)).catch((error: unknown) => {
        if (!(error instanceof Error) || error.message !== 'Unauthorized') throw error;
        return undefined;
      });
      if (answer === undefined) return void (seen.unauthorized += 1);
      checkNoLeak(JSON.stringify(answer));
      const { policyDocument } = answer;
      const context = answer.context ?? {};
      const [{ Effect } = { Effect: '' }] = policyDocument.Statement;
      for (const value of Object.values(context))
        if (typeof value !== 'string') throw new Error('the context is not flat');
      const [only, ...others] = presented(given);
      if (only === undefined || others.length > 0 || !(GOOD.has(only) || only === TENANT_KEY))
        throw new Error(`${Effect} without one good key`);
      if (Effect === 'Allow') {
        seen.allowed += 1;
        checkAllowed(given, only, context);
        return;
      }
      seen.denied += 1;
      // API Gateway pastes it between quotes.
      const reason = String(context['reason']);
      if (reason !== JSON.stringify(reason).slice(1, -1) || reason.length < 20)
        throw new Error(`a reason that breaks JSON: ${reason}`);
    });
    const settings = fuzzSettings('authorizer events', 3_000);
    await fc.assert(property, settings);
    process.stdout.write(`${JSON.stringify(seen)}\n`);
    if (settings.numRuns >= 3_000) expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  }, 60_000);
});
