/** `cost`: its figures are those of the template and of the README. */
import { describe, expect, it } from '@jest/globals';
import { ALARM_METRICS, estimate } from '../../cli/cost/estimate.ts';
import { readPage } from '../docs/markdown.ts';
import { resources, synthesized } from '../lib/synthesized.ts';
import { allmcp } from './set-up.ts';

interface Printed {
  readonly calls: number;
  readonly idle: number;
  readonly total: number;
  readonly items: readonly { readonly item: string; readonly usd: number }[];
}

const printed = async (calls: string): Promise<Printed> => {
  const { code, out, err } = await allmcp(['cost', '--calls', calls, '--json']);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Printed;
};

describe('cost', () => {
  it('prints every item and their sum, and what remains when nobody calls', async () => {
    const { calls, idle, total, items } = await printed('1000000');
    expect(calls).toBe(1_000_000);
    expect(items.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(total, 1);
    expect(idle).toBe((await printed('0')).total);
    expect((await printed('2000000')).total - total).toBeCloseTo(total - idle, 1);
  });

  it('counts the metrics that the alarms of the template look at', () => {
    const counted = resources(synthesized().service, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => {
      const metrics = Properties.Metrics as { MetricStat?: object }[] | undefined;
      return metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1;
    });
    expect(counted.reduce((sum, one) => sum + one, 0)).toBe(ALARM_METRICS);
  });

  it('is what the README says', () => {
    const [, idle, perMillion] =
      /About (\d+) USD a month when idle[^]*?About (\d+) USD per million tool calls/.exec(readPage('README.md')) ?? [];
    expect([Number(idle), Number(perMillion)]).toEqual([
      Math.round(estimate(0).total),
      Math.round(estimate(1e6).total - estimate(0).total),
    ]);
  });

  it('is a table for people, with what was left out on standard error', async () => {
    const { code, out, err } = await allmcp(['cost', '--calls', '1000000']);
    expect([code, out.split('\n')[0]]).toEqual([0, expect.stringMatching(/^ITEM +USD A MONTH +RECKONED$/)]);
    expect(out).toMatch(/^total +\d+\.\d\d /m);
    expect(err).toContain('not measured');
  });

  it.each([[[]], [['--calls']], [['--calls', 'many']], [['--calls', '-5']], [['--calls', '1.5']]])(
    'with %j is wrong usage',
    async (args) => {
      const { code, out, err } = await allmcp(['cost', ...args, '--json']);
      expect([code, out]).toEqual([2, '']);
      expect(err).not.toBe('');
    },
  );
});
