/**
 * `npm run conformance`: the official suite against the gateway on this machine, for both protocol eras. Writes
 * docs/conformance.md; ends with 0 only when every required scenario passes but those that need a session.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/project.ts';
import { startGateway } from './gateway.ts';
import { judge, page, type Revision } from './page.ts';
import { openSuite, serverList, type Outcome, type SuiteRun } from './suite.ts';

const FOLDER = join(PROJECT_ROOT, 'test', 'conformance');
const EXPECTED = join(FOLDER, 'expected-failures.yml');
const SKILLS = ['sep-2640-skills-directory', 'sep-2640-skills-enumeration', 'sep-2640-skills-manifest'];

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const gateway = await startGateway(PROJECT_ROOT);
try {
  const suite = await openSuite(FOLDER, gateway.mcpUrl);
  const problems: string[] = [];

  const revisions: Revision[] = [];
  for (const [name, expected] of [
    ['2026-07-28', []],
    ['2025-11-25', serverList(readFileSync(EXPECTED, 'utf8'))],
  ] as const) {
    const baseline = expected.length === 0 ? [] : ['--expected-failures', EXPECTED];
    const run = await suite.run('--requirements', name, ...baseline);
    const revision = { name, expected, required: suite.required(name), outcomes: run.outcomes };
    const { passed, wrong } = judge(revision);
    print(`${name}: ${passed} of ${revision.required.length} required scenarios pass`);
    for (const scenario of wrong) problems.push(`${name}: ${scenario} does not pass`);
    // The suite knows more than the counts, e.g. an expected failure that passes.
    if (run.exitCode !== 0) problems.push(`${name}: the suite ended with ${run.exitCode}\n${tail(run)}`);
    revisions.push(revision);
  }

  const skills: Outcome[] = [];
  for (const scenario of SKILLS)
    skills.push(...(await suite.run('--scenario', scenario, '--spec-version', '2026-07-28', '--force')).outcomes);
  for (const { scenario, passed, failed } of skills)
    print(`${scenario}: ${passed} checks passed, ${failed} failed (not scored)`);

  writeFileSync(join(PROJECT_ROOT, 'docs', 'conformance.md'), page(suite.version, revisions, skills));
  print('wrote docs/conformance.md');
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
} finally {
  await gateway.stop();
}

function tail({ output }: SuiteRun): string {
  return output.trim().split('\n').slice(-40).join('\n');
}
