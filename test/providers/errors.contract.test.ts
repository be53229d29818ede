/** What the vendors' failures are taken for. */
import { describe, expect, it } from '@jest/globals';
import { classify } from '../../core/provider/classify.ts';

import { providerOf } from './contract.ts';

describe('errors', () => {
  it.each<[string, number, unknown, string]>([
    ['kommo', 402, {}, 'plan_required'],
    ['kommo', 403, { detail: 'IP is blocked' }, 'provider_down'],
    ['kommo', 403, { detail: 'no' }, 'forbidden'],
    ['kommo', 429, {}, 'rate_limited'],
    ['kommo', 400, { 'validation-errors': [{ errors: [{ path: 'price', detail: 'bad' }] }] }, 'invalid_input'],
    [
      'google_sheets',
      403,
      { error: { message: 'm', details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }] } },
      'insufficient_scope',
    ],
    ['google_sheets', 403, { error: { message: 'm', errors: [{ reason: 'userRateLimitExceeded' }] } }, 'rate_limited'],
    ['google_sheets', 403, { error: { message: 'm' } }, 'forbidden'],
    ['google_sheets', 404, { error: {} }, 'not_found'],
    ['google_sheets', 400, { error: { message: 'see https://x.y/z' } }, 'invalid_input'],
    ['google_sheets', 429, {}, 'rate_limited'],
    ['iiko', 400, { errorDescription: 'bad' }, 'invalid_input'],
    ['iiko', 401, { errorDescription: 'token' }, 'reconnect_required'],
    ['altegio', 403, { success: false, meta: { message: 'No rights to manage location' } }, 'insufficient_scope'],
    ['altegio', 200, { success: false, meta: { message: 'wrong' } }, 'invalid_input'],
    ['altegio', 429, {}, 'rate_limited'],
    ['altegio', 404, { success: false }, 'not_found'],
  ])('of %s: %i %j is %s', async (key, status, body, code) => {
    const failure = classify(await providerOf(key), { status, headers: {}, body }, false, 0);
    expect(failure?.code).toBe(code);
    expect(failure?.message).not.toContain('https://');
  });
});
