import { describe, expect, it } from '@jest/globals';
import { classify } from '../../../core/provider/classify.ts';
import { exampleProvider } from '../../fakes/example-provider.ts';
import { toPublicFault, fault } from '../../../core/fault.ts';
import { type ErrorClass, isAccessRefused, isDead, mayRepeat } from '../../../core/provider-error-classes.ts';

/** Is the credential dead, only the access token refused, may a read be repeated, may a write. */
const MEANS: Readonly<Record<ErrorClass, readonly [boolean, boolean, boolean, boolean]>> = {
  auth_expired: [true, true, false, false],
  reconnect_required: [true, false, false, false],
  insufficient_scope: [false, false, false, false],
  forbidden: [false, false, false, false],
  not_found: [false, false, false, false],
  invalid_input: [false, false, false, false],
  conflict: [false, false, false, false],
  rate_limited: [false, false, true, true],
  quota_exhausted: [false, false, true, true],
  plan_required: [false, false, false, false],
  provider_down: [false, false, true, false],
  unknown: [false, false, false, false],
};

const REFUSING = [400, 401, 402, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 423, 428, 429, 431, 451];
const OPEN = [100, 300, 301, 302, 303, 304, 307, 308, 408, 444, 460, 499, 500, 501, 502, 503, 504, 507, 520, 524, 599];
const answer = (status: number, body: unknown = {}) => ({ status, headers: {}, body });

describe('a change that was sent', () => {
  it.each(REFUSING)('was not made when the provider answers %i', (status) => {
    expect(classify(exampleProvider, answer(status), true, 0)?.code).not.toBe('may_have_happened');
  });

  it.each(OPEN)('may have been made when the provider answers %i, and is never to be repeated unseen', (status) => {
    const failure = classify(exampleProvider, answer(status), true, 0);
    expect(failure).toMatchObject({ code: 'may_have_happened', next: expect.stringContaining('Read the record') });
    expect(failure && mayRepeat(failure, true)).toBe(false);
    expect(classify(exampleProvider, answer(status), false, 0)?.code).not.toBe('may_have_happened');
  });

  it("may have been made when the provider's own words tell of a failure of its own", () => {
    const failing = { ...exampleProvider, errors: [{ when: () => true, is: 'provider_down' as const }] };
    expect(classify(failing, answer(200), true, 0)?.code).toBe('may_have_happened');
    expect(classify(failing, answer(400), true, 0)?.code).toBe('may_have_happened');
    expect(classify(failing, answer(200), false, 0)?.code).toBe('provider_down');
  });

  it("was not made when the provider's own words refuse it, whatever the status", () => {
    const slow = answer(503, { error: 'SLOW_DOWN' });
    expect(classify(exampleProvider, slow, true, 0)?.code).toBe('rate_limited');
  });
});

describe('the cause of a fault', () => {
  it.each(Object.entries(MEANS))('%s decides about credential and repetition', (cause, means) => {
    const failure = fault('internal', 'm', { cause: cause as ErrorClass });
    expect([isDead(failure), isAccessRefused(failure), mayRepeat(failure, false), mayRepeat(failure, true)]).toEqual(
      means,
    );
  });

  it('decides alone: a code without a cause means neither', () => {
    for (const failure of [fault('reconnect_required', 'm'), fault('provider_down', 'm'), fault('rate_limited', 'm')])
      expect([isDead(failure), isAccessRefused(failure), mayRepeat(failure, false)]).toEqual([false, false, false]);
  });

  it('is not part of the public fault', () => {
    const failure = fault('provider_down', 'm', { cause: 'provider_down', retry_after: 2 });
    expect(toPublicFault(failure)).toStrictEqual({
      code: 'provider_down',
      message: 'm',
      next: 'Try again in a minute; if it goes on, use report_issue.',
      retry_after: 2,
    });
  });
});
