/** Rules that run functions by the clock: read from the template, run on the laptop. */
import { describe, expect, it } from '@jest/globals';
import { everyInterval, startSchedule } from '../../../emulator/eventbridge/schedule.ts';
import type { InvocationResult } from '../../../emulator/lambda/invocation.ts';
import type { Stack } from '../../../emulator/cloudformation/assembly.ts';
import { EMULATED_PLACE } from '../../../emulator/cloudformation/physical.ts';
import { resolveTemplates } from '../../../emulator/cloudformation/resolve.ts';
import { schedules } from '../../../emulator/cloudformation/schedule-model.ts';
import { model } from '../../security/access.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:One-Fn';
const RULE = 'arn:aws:events:us-east-1:000000000000:rule/One-Rule';
type Properties = Record<string, unknown>;

const permission: Properties = {
  Action: 'lambda:InvokeFunction',
  FunctionName: { 'Fn::GetAtt': ['Fn', 'Arn'] },
  Principal: 'events.amazonaws.com',
  SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
};
const target = { Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] }, Id: 'Target0' };
const rule: Properties = { ScheduleExpression: 'rate(5 minutes)', State: 'ENABLED', Targets: [target] };

const once: Properties = { FunctionName: { Ref: 'Fn' }, MaximumRetryAttempts: 0, Qualifier: '$LATEST' };

function read(declared: Properties, allowed: Properties = permission, tries: Properties = once) {
  const one: Stack = {
    name: 'One',
    template: {
      Resources: {
        Fn: { Type: 'AWS::Lambda::Function', Properties: {} },
        Rule: { Type: 'AWS::Events::Rule', Properties: declared },
        Allowed: { Type: 'AWS::Lambda::Permission', Properties: allowed },
        Tries: { Type: 'AWS::Lambda::EventInvokeConfig', Properties: tries },
      },
      Outputs: {},
      Parameters: {},
    },
    assets: new Map(),
  };
  return schedules(resolveTemplates([one], EMULATED_PLACE), [FUNCTION]);
}

describe('the rules of a template', () => {
  it('are those of ours, with their function and their interval', () => {
    expect(model.schedules).toEqual([
      {
        logicalId: expect.stringMatching(/^EventDeliveryEvery/),
        arn: expect.stringContaining(':rule/'),
        everyMs: 60_000,
        functionArn: model.functions.find(({ logicalId }) => logicalId.startsWith('EventDeliveryFunction'))?.arn,
      },
    ]);
  });

  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(5 minutes)', 300_000],
    ['rate(2 hours)', 7_200_000],
    ['rate(1 day)', 86_400_000],
  ])('run %s', (ScheduleExpression, everyMs) => {
    expect(read({ ...rule, ScheduleExpression })).toEqual([
      { logicalId: 'Rule', arn: RULE, everyMs, functionArn: FUNCTION },
    ]);
  });

  it('that are switched off, or wait for events of the account, do not run', () => {
    expect(read({ ...rule, State: 'DISABLED' })).toEqual([]);
    const elsewhere = { 'Fn::GetAtt': ['Nothing', 'Arn'] };
    expect(read({ EventPattern: { source: ['aws.kms'] }, Targets: [{ Arn: elsewhere, Id: 'x' }] })).toEqual([]);
  });

  it.each([
    [
      'a calendar',
      { ...rule, ScheduleExpression: 'cron(0 12 * * ? *)' },
      permission,
      /cron\(0 12 \* \* \? \*\) is not rate/,
    ],
    ['no interval', { ...rule, ScheduleExpression: 'rate(often)' }, permission, /rate\(often\) is not rate/],
    ['an input', { ...rule, Targets: [{ ...target, Input: '{}' }] }, permission, /input of its own is not served/],
    ['no function', { ...rule, Targets: [{ ...target, Arn: 'arn:aws:sqs:::q' }] }, permission, /not a function/],
    ['no permission', rule, {}, /AWS::Lambda::Permission for its function is missing/],
    ['a permission for another', rule, { ...permission, SourceArn: 'arn:x' }, /AWS::Lambda::Permission/],
    ['a permission of the gateway', rule, { ...permission, Principal: 'apigateway.amazonaws.com' }, /Permission/],
  ])('with %s stop the start and say why', (_what, declared, allowed, why) => {
    expect(() => read(declared, allowed)).toThrow(why);
    expect(() => read(declared, allowed)).toThrow(/cannot serve the rule Rule/);
  });

  it.each([
    { ...once, MaximumRetryAttempts: 2 },
    { ...once, FunctionName: 'Another' },
    { FunctionName: { Ref: 'Fn' } },
  ])('whose function Lambda would run again after a failure stop the start: %j', (tries) => {
    expect(() => read(rule, permission, tries)).toThrow(/a failed run twice more/);
  });
});

describe('the clock of the laptop', () => {
  const NOW = Date.parse('2026-11-22T10:00:00.123Z');
  const done: InvocationResult = { kind: 'buffered', payload: Buffer.from('null') };

  function setUpSchedule(result: () => Promise<InvocationResult> = async () => done) {
    const ticks: (() => void)[] = [];
    const intervals: number[] = [];
    const invoked: (readonly [string, unknown])[] = [];
    const failures: unknown[] = [];
    const schedule = startSchedule(read(rule), {
      place: EMULATED_PLACE,
      invoke: async (arn, event) => {
        invoked.push([arn, event]);
        return result();
      },
      onFailure: (error) => void failures.push(error),
      clock: () => NOW,
      every: (ms, run) => {
        intervals.push(ms);
        ticks.push(run);
        return () => void ticks.splice(ticks.indexOf(run), 1);
      },
    });
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    return { ticks, intervals, invoked, failures, schedule, settled };
  }

  it('invokes the function with the event that EventBridge sends, first after the first interval', async () => {
    const { ticks, intervals, invoked, settled } = setUpSchedule();
    expect([intervals, invoked]).toEqual([[300_000], []]);
    ticks[0]?.();
    await settled();
    expect(invoked).toEqual([
      [
        FUNCTION,
        {
          version: '0',
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          'detail-type': 'Scheduled Event',
          source: 'aws.events',
          account: EMULATED_PLACE.account,
          time: '2026-11-22T10:00:00Z',
          region: EMULATED_PLACE.region,
          resources: [RULE],
          detail: {},
        },
      ],
    ]);
  });

  it('tells of a function that failed, and keeps going', async () => {
    const { ticks, invoked, failures, settled } = setUpSchedule(async () => ({
      kind: 'failed',
      error: { type: 'Error', message: 'the reason' },
    }));
    for (let i = 0; i < 2; i += 1) {
      ticks[0]?.();
      await settled();
    }
    expect(invoked).toHaveLength(2);
    expect(failures.map(String)).toEqual(
      Array.from({ length: 2 }, () => 'Error: The function of Rule failed: the reason'),
    );
  });

  it('stops with the server, and calls no failure what the stop cut off', async () => {
    let end = (_result: InvocationResult): void => undefined;
    const { ticks, failures, schedule, settled } = setUpSchedule(() => new Promise((resolve) => (end = resolve)));
    ticks[0]?.();
    await settled();
    schedule.stop();
    end({ kind: 'failed', error: { type: 'Runtime.Stopped', message: 'stopping' } });
    await settled();
    expect([ticks, failures]).toEqual([[], []]);
  });

  it('runs a rule at once when it is asked to, and says how that ended', async () => {
    const { invoked, schedule } = setUpSchedule();
    await schedule.run('Rule');
    expect(invoked).toHaveLength(1);
    await expect(schedule.run('Other')).rejects.toThrow('There is no rule Other.');
    const slow = setUpSchedule(async () => ({ kind: 'timed-out' }));
    await expect(slow.schedule.run('Rule')).rejects.toThrow('took too long');
  });

  it('keeps no process alive', () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const stop = everyInterval(3_600_000, () => undefined);
    expect(timers()).toBe(before);
    stop();
  });
});
