/** The agents for a terminal, and as their part of the page: nothing in it changes from run to run. */
import { versionOf } from '../installed.ts';
import { aligned } from '../report.ts';
import { SITUATIONS } from './agent.ts';
import type { AgentVisit } from './visit-agents.ts';

export function agentTable(visits: readonly AgentVisit[]): string {
  const rows = visits.map(({ agent, findings, skipped, problems }) => [
    agent.name,
    ...SITUATIONS.map((situation) => findings[situation]?.cell ?? '-'),
    skipped === undefined ? colour(problems) : `skipped: ${skipped}`,
  ]);
  return aligned([['agent', ...SITUATIONS, ''], ...rows]);
}

function colour(problems: readonly string[]): string {
  return problems.length === 0 ? 'green' : 'RED';
}

/** Markdown. Only to be written when every row is green: nothing is said of an agent that was not run. */
export function agentBlock(visits: readonly AgentVisit[]): string {
  const rows = visits.map(({ agent, findings }) => {
    const cells = SITUATIONS.map((situation) => findings[situation]?.cell ?? '');
    return `| ${[agent.name, `${agent.packageName} ${versionOf(agent.packageName)}`, ...cells].join(' | ')} |`;
  });
  return [
    `| agent | version | ${SITUATIONS.join(' | ')} |`,
    `|${'---|'.repeat(SITUATIONS.length + 2)}`,
    ...rows,
    ...visits.flatMap(section),
  ].join('\n');
}

function section({ agent, quotes }: AgentVisit): readonly string[] {
  const lines = SITUATIONS.flatMap((situation) => (quotes[situation] ?? []).map((line) => `${situation}: ${line}`));
  return [
    '',
    `### ${agent.name}`,
    '',
    ...agent.setup,
    ...(agent.limitation === undefined ? [] : ['', agent.limitation.words]),
    ...(lines.length === 0 ? [] : ['', 'What a person reads:', '', '```text', ...lines, '```']),
  ];
}
