/** Every call of AWS of every flow, made to fail in every way: what the caller is told against what is true. */
import { KINDS, type FaultyAws, type Kind, type Plan } from './faulty-aws.ts';
import type { Flow, Outcome } from './flows.ts';

export interface Case {
  readonly flow: string;
  readonly plan: Plan;
  /** The call that failed, e.g. `dynamodb:UpdateItem`. */
  readonly call: string;
  readonly outcome: Outcome;
  /** What is wrong with it, in words. */
  readonly problems: readonly string[];
}

/** Answers by which a caller knows that nothing was done and that trying again is right. */
const NOT_DONE = new Set(['unavailable', 'provider_down', 'rate_limited', 'timeout', 'invalid_input', 'internal']);

/** Ways to fail: for one call, and for it and all after it. */
export interface Ways {
  readonly once: readonly Kind[];
  readonly lasting: readonly Kind[];
}

/** All there are. A broken answer that comes again at once is no outage that lasts. */
export const EVERY_WAY: Ways = { once: KINDS, lasting: KINDS.filter((kind) => kind !== 'cut') };

export async function* everyFault(
  aws: FaultyAws,
  flows: readonly Flow[],
  { once, lasting }: Ways = EVERY_WAY,
): AsyncGenerator<Case> {
  const ways = [...once.map((kind) => ({ kind, onwards: false })), ...lasting.map((kind) => ({ kind, onwards: true }))];
  for (const flow of flows) {
    const calls = await callsOf(aws, flow);
    for (const way of ways)
      for (const [i, call] of calls.entries()) yield await oneCase(aws, flow, { ...way, nth: i + 1 }, call);
  }
}

/** What the flow calls when nothing fails. */
async function callsOf(aws: FaultyAws, flow: Flow): Promise<readonly string[]> {
  aws.plan(undefined);
  const run = await flow.prepare();
  let calls: readonly string[] = [];
  // Plans are lifted inside a flow when it has been answered; a plan that never comes counts up to there.
  aws.plan({ kind: 'down', nth: Number.POSITIVE_INFINITY, onwards: false });
  aws.onPlan(() => (calls = aws.calls()));
  const outcome = await run();
  aws.onPlan(undefined);
  if (outcome.told.code !== 'ok') throw new Error(`${flow.name} fails by itself: ${outcome.told.code}`);
  return calls;
}

async function oneCase(aws: FaultyAws, flow: Flow, plan: Plan, call: string): Promise<Case> {
  aws.plan(undefined);
  const run = await flow.prepare();
  aws.plan(plan);
  const outcome = await run();
  return { flow: flow.name, plan, call, outcome, problems: await problemsOf(flow, outcome) };
}

interface Rule {
  readonly isBroken: (flow: Flow, outcome: Outcome) => boolean;
  readonly say: (outcome: Outcome) => string;
}

const RULES: readonly Rule[] = [
  {
    isBroken: (_flow, { told }) => told.code === 'internal' || told.status === 500,
    say: () => 'our outage was told as a bug',
  },
  {
    isBroken: (_flow, { told }) => told.code === 'unavailable' && !told.retryAfter,
    say: () => 'it was not said when to try again',
  },
  { isBroken: ({ isWrite }, { done }) => isWrite && done > 1, say: ({ done }) => `the provider did it ${done} times` },
  {
    isBroken: ({ isWrite }, { done, told }) => isWrite && done > 0 && NOT_DONE.has(told.code),
    say: ({ told }) => `it was done, and ${told.code} advises to repeat it`,
  },
  {
    isBroken: ({ isWrite }, { done, told }) => isWrite && done === 0 && told.code === 'ok',
    say: () => 'it was not done, and told as done',
  },
  {
    // The page of an outage says that the account may be connected; any other is about what is stored.
    isBroken: ({ name }, { told, connections }) =>
      name === 'connect' && told.code !== 'unavailable' && (told.code === 'ok') !== connections.length > 0,
    say: ({ told, connections }) => `${connections.length} connections are stored, and the page said ${told.code}`,
  },
  {
    isBroken: (_flow, { connections }) => connections.some(({ status }) => status !== 'active'),
    say: () => 'an account was lost by our outage',
  },
];

async function problemsOf(flow: Flow, outcome: Outcome): Promise<readonly string[]> {
  const broken = RULES.filter(({ isBroken }) => isBroken(flow, outcome)).map(({ say }) => say(outcome));
  const later = await outcome.again();
  return later.code === 'ok' ? broken : [...broken, `afterwards it ended in ${later.code}`];
}

/** One line for a person. */
export function describe({
  flow,
  plan: { kind, nth, onwards },
  call,
  outcome: { told, done },
  problems,
}: Case): string {
  const what = `${flow}: call ${nth} (${call}) ${kind}${onwards ? ' and on' : ''}`;
  return `${what} -> told ${told.code}, done ${done}${problems.map((problem) => `; ${problem}`).join('')}`;
}
