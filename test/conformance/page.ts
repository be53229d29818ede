/** `docs/conformance.md`: what the suite found, in words that stay the same as long as the findings do. */
import type { Outcome } from './suite.ts';

export interface Revision {
  readonly name: string;
  readonly required: readonly string[];
  readonly expected: readonly string[];
  readonly outcomes: readonly Outcome[];
}

export interface Verdict {
  /** Required scenarios without a failed check. */
  readonly passed: number;
  /** Required scenarios that failed unexpectedly, or were not run at all. */
  readonly wrong: readonly string[];
}

export function judge({ required, expected, outcomes }: Revision): Verdict {
  const failed = new Map(outcomes.map((one) => [one.scenario, one.failed > 0]));
  const passed = required.filter((scenario) => failed.get(scenario) === false);
  return { passed: passed.length, wrong: required.filter((one) => !passed.includes(one) && !expected.includes(one)) };
}

export function page(suiteVersion: string, revisions: readonly Revision[], extensions: readonly Outcome[]): string {
  return [
    '# Conformance',
    '',
    `The official MCP conformance suite, @modelcontextprotocol/conformance ${suiteVersion}, run by \`npm run conformance\`,`,
    'which writes this page.',
    '',
    'It runs against the gateway itself: `npm start -- --conformance` serves the deployed routes, authorizer, roles and',
    'tables, with a platform key, one user and one connected provider. The suite asks for tools, resources and prompts of',
    'fixed names; they are added to the MCP function beside its own (`test/conformance/fixtures/`) and exist in no deployed bundle.',
    '',
    ...revisions.flatMap(section),
    '## Skills extension',
    '',
    'Not part of a revision. The skills are those of the connected provider.',
    '',
    ...table(extensions.map((one) => row(one, resultOf(one)))),
    '',
  ].join('\n');
}

function section(revision: Revision): readonly string[] {
  const { name, required, expected, outcomes } = revision;
  const byName = new Map(outcomes.map((one) => [one.scenario, one]));
  const others = outcomes.filter(({ scenario }) => !required.includes(scenario));
  const scored = required.map((scenario) => {
    const found = byName.get(scenario);
    if (found === undefined) return `| ${scenario} | not run | | | | |`;
    return row(found, found.failed > 0 && expected.includes(scenario) ? 'fails, expected' : resultOf(found));
  });
  return [
    `## ${name}`,
    '',
    `${judge(revision).passed} of ${required.length} required scenarios pass.`,
    ...(expected.length === 0
      ? []
      : [`The other ${expected.length} need a session; \`test/conformance/expected-failures.yml\` says why.`]),
    '',
    ...table(scored),
    '',
    'Run, but not scored for this revision. The tasks extension is not offered here, and no tool wants its arguments in',
    'headers as well, so what the suite asks of either cannot pass.',
    '',
    ...table(sorted(others).map((one) => row(one, resultOf(one)))),
    '',
  ];
}

function resultOf({ passed, failed }: Outcome): string {
  if (failed > 0) return 'fails';
  return passed > 0 ? 'passes' : 'passes, nothing to check';
}

function table(rows: readonly string[]): readonly string[] {
  return ['| Scenario | Result | Passed | Failed | Warnings | Skipped |', '|---|---|---|---|---|---|', ...rows];
}

function row({ scenario, passed, failed, warned, skipped }: Outcome, result: string): string {
  return `| ${scenario} | ${result} | ${passed} | ${failed} | ${warned} | ${skipped} |`;
}

function sorted(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.toSorted((a, b) => (a.scenario < b.scenario ? -1 : 1));
}
