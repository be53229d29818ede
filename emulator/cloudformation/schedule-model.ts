/**
 * The rules that run functions by the clock, as the template declares them. Rules that wait for events of the account
 * are left out: nothing on a laptop sends any.
 */
import { z } from 'zod';
import type { Resource, ResolvedTemplates } from './resolve.ts';

export interface ScheduleModel {
  readonly logicalId: string;
  readonly arn: string;
  readonly everyMs: number;
  readonly functionArn: string;
}

const Rule = z.looseObject({
  ScheduleExpression: z.string(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z
    .array(
      z.looseObject({
        Arn: z.string(),
        Input: z.undefined({ error: 'an input of its own is not served' }).optional(),
        InputPath: z.undefined({ error: 'an input path is not served' }).optional(),
        InputTransformer: z.undefined({ error: 'an input transformer is not served' }).optional(),
      }),
    )
    .default([]),
});

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Throws for a rule that the laptop cannot run as declared, and for one that may not invoke its function. */
export function schedules(templates: ResolvedTemplates, functionArns: readonly string[]): readonly ScheduleModel[] {
  return templates
    .ofType('AWS::Events::Rule')
    .filter((rule) => rule.property('ScheduleExpression') !== undefined)
    .flatMap((rule) => {
      const parsed = Rule.safeParse(rule.properties());
      if (!parsed.success) throw cannot(rule, z.prettifyError(parsed.error));
      const { ScheduleExpression, State, Targets } = parsed.data;
      const everyMs = rateOf(ScheduleExpression);
      if (everyMs === undefined) throw cannot(rule, `${ScheduleExpression} is not rate(...)`);
      if (State === 'DISABLED') return [];
      return Targets.map(({ Arn: functionArn }): ScheduleModel => {
        if (!functionArns.includes(functionArn)) throw cannot(rule, 'its target is not a function of the template');
        if (!mayInvoke(templates, rule, functionArn))
          throw cannot(rule, 'AWS::Lambda::Permission for its function is missing');
        if (!isTriedOnce(templates, functionArn))
          throw cannot(rule, 'Lambda would run a failed run twice more, and the laptop does not');
        return { logicalId: rule.logicalId, arn: rule.arn(), everyMs, functionArn };
      });
    });
}

function rateOf(expression: string): number | undefined {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS[unit] ?? Number.NaN);
}

/** EventBridge drops the event of a rule that the function does not let in; here the start fails and says which. */
function mayInvoke(templates: ResolvedTemplates, rule: Resource, functionArn: string): boolean {
  return templates
    .ofType('AWS::Lambda::Permission')
    .some(
      (one) =>
        one.property('Principal') === 'events.amazonaws.com' &&
        one.property('Action') === 'lambda:InvokeFunction' &&
        one.property('FunctionName') === functionArn &&
        one.property('SourceArn') === rule.arn(),
    );
}

/** What a rule hands over is Lambda's to try again, whatever the rule says of its own tries. */
function isTriedOnce(templates: ResolvedTemplates, functionArn: string): boolean {
  return templates
    .ofType('AWS::Lambda::EventInvokeConfig')
    .some(
      (one) =>
        functionArn.endsWith(`:${String(one.property('FunctionName'))}`) && one.property('MaximumRetryAttempts') === 0,
    );
}

function cannot({ logicalId }: Resource, why: string): Error {
  return new Error(`The laptop runtime cannot serve the rule ${logicalId}: ${why}.`);
}
