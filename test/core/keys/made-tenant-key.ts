/** Tenant keys as the deployed functions make and take them, over keys in memory. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { type ApiKeyRecord } from '../../../core/keys/api-key.ts';
import { authenticate, type Credentials } from '../../../core/keys/authenticate.ts';
import { idProblem } from '../../../core/tenant/tenant.ts';
import { issueTenantKey } from '../../../core/keys/tenant-key.ts';
import { fakeKeys, type FakeKeys } from '../../fakes/keys.ts';

export const NOW = Date.parse('2026-11-22T12:00:00Z');
export const HOUR = 3_600;

export type Asked = { readonly org?: string | undefined; readonly user?: string | undefined };
export const queryOf = ({ org, user }: Asked): Credentials['query'] => ({
  ...(org === undefined ? {} : { org_id: [org] }),
  ...(user === undefined ? {} : { user_id: [user] }),
});

export function present(keys: FakeKeys, key: string, more: Partial<Credentials> = {}, now = NOW) {
  return authenticate({ apiKeys: [key], authorizations: [], query: {}, audience: 'mcp', ...more }, keys, now);
}

/** A tenant key made as the deployed functions make one: authenticated first, then issued. */
export async function made(parent: ApiKeyRecord, asked: Asked, seconds = HOUR) {
  const keys = fakeKeys();
  const parentKey = keys.hold(parent);
  const decision = await present(keys, parentKey, { query: queryOf(asked), audience: 'keys' });
  if (!decision.ok || decision.value.kind !== 'issuer') throw new Error(`not an issuer: ${JSON.stringify(decision)}`);
  const issued = await issueTenantKey({ keys, clock: () => NOW }, decision.value, seconds);
  return { keys, parentKey, issuer: decision.value, ...issued };
}

/** Which key, and why, is for the log. */
export const unauthorized = { ok: false, fault: expect.objectContaining({ kind: 'unauthorized' }) };
export const forbidden = (words: RegExp) => ({
  ok: false,
  fault: { kind: 'forbidden', reason: expect.stringMatching(words) },
});

export const id = fc
  .oneof(fc.constantFrom('a', 'b', 'a#b', '#', '=', '*', '😀', 'x'.repeat(200)), fc.string({ minLength: 1 }))
  .filter((text) => idProblem(text) === undefined);
export const maybe = fc.option(id, { nil: undefined });
