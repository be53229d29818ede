/** Every agent in every situation; an agent that this machine cannot run is left out with the reason, and is not green. */
import type { ClientsSetUp } from '../set-up.ts';
import { refusals } from '../recording-proxy.ts';
import { SITUATIONS, type Agent, type Situation } from './agent.ts';
import { findingOf, quotable, type Finding } from './findings.ts';
import { whyNotInstalled } from './installed-agents.ts';
import { libraries } from './libraries.ts';
import { programs } from './programs.ts';
import { observe, type Observation } from './situations.ts';

export const AGENTS: readonly Agent[] = [...programs, ...libraries];

export interface AgentVisit {
  readonly agent: Agent;
  readonly findings: Readonly<Partial<Record<Situation, Finding>>>;
  /** What a person reads, where it is worth reading: lines without what differs from run to run. */
  readonly quotes: Readonly<Partial<Record<Situation, readonly string[]>>>;
  /** Why this machine cannot run it; it is neither green nor red then. */
  readonly skipped?: string;
  /** Why the row is red; empty when it is green or skipped. */
  readonly problems: readonly string[];
}

const QUOTED: readonly Situation[] = ['401', '403', '429'];

export async function visitAgent(world: ClientsSetUp, agent: Agent): Promise<AgentVisit> {
  const skipped = whyNotInstalled(agent);
  if (skipped !== undefined) return { agent, findings: {}, quotes: {}, skipped, problems: [] };
  const findings: Partial<Record<Situation, Finding>> = {};
  const quotes: Partial<Record<Situation, readonly string[]>> = {};
  const problems: string[] = [];
  for (const situation of SITUATIONS) {
    const seen = await observe(world, agent, situation);
    const finding = withLimitation(agent, situation, findingOf(situation, seen));
    findings[situation] = finding;
    if (QUOTED.includes(situation)) quotes[situation] = quotesOf(world, seen);
    const printed = finding.problems.length === 0 ? '' : `\n${seen.printed}`;
    problems.push(...finding.problems.map((problem) => `${situation}: ${problem}${printed}`));
  }
  return { agent, findings, quotes, problems };
}

/** What differs from run to run goes before anything is cut. */
function quotesOf({ withoutChance }: ClientsSetUp, { printed, exchanges }: Observation): readonly string[] {
  return quotable(withoutChance(printed), refusals(exchanges).map(withoutChance));
}

/** A limitation of the agent is no problem of the row: it is in the table, and the row is red when it is not there. */
function withLimitation({ limitation }: Agent, situation: Situation, finding: Finding): Finding {
  if (limitation?.situations.includes(situation) !== true) return finding;
  if (finding.problems.length > 0) return { cell: `${finding.cell} (see below)`, problems: [] };
  return { ...finding, problems: ['it works now, which it is said not to'] };
}
