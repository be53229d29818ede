/** `cost`: what a deployment is reckoned to cost in a month. It asks nobody, so it needs no server and no key. */
import { InvalidArgumentError, type Command } from 'commander';
import { estimate } from '../cost/estimate.ts';
import { printJson, type Io } from '../terminal/io.ts';
import { withExample } from '../terminal/options.ts';
import { table } from '../terminal/table.ts';

const NOTES =
  'USD a month at list prices of us-east-1, calculated and not measured, for the default knobs. Storage, X-Ray, a web ACL and\n' +
  'detailedMetrics come on top; free tiers and other regions are not looked at.\n';

export function addCost(program: Command, io: Io): void {
  withExample(program.command('cost'), 'cost --calls 1000000')
    .description('reckon what a deployment costs in a month')
    .requiredOption('--calls <n>', 'tool calls in a month', callCount)
    .action(({ calls, json }: { readonly calls: number; readonly json?: boolean }) => {
      const { items, idle, total } = estimate(calls);
      if (json === true)
        return printJson(io, {
          calls,
          currency: 'USD',
          region: 'us-east-1',
          idle: cents(idle),
          total: cents(total),
          items: items.map(({ item, usd, reckoned }) => ({ item, usd: cents(usd), reckoned })),
        });
      const rows = items.map(({ item, usd, reckoned }) => [item, usd.toFixed(2).padStart(10), reckoned]);
      io.out(
        table(
          [{ title: 'ITEM' }, { title: 'USD A MONTH' }, { title: 'RECKONED' }],
          [...rows, ['total', total.toFixed(2).padStart(10), `${idle.toFixed(2)} of it without any call`]],
        ),
      );
      io.err(NOTES);
    });
}

function callCount(value: string): number {
  const calls = /^[0-9]{1,12}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(calls)) throw new InvalidArgumentError('Expected a whole number of calls, 0 or more.');
  return calls;
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}
