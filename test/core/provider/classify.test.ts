import { describe, expect, it } from '@jest/globals';
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
