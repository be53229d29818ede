/**
 * `npm run sabotage [-- --only WORDS]`: breaks the code in one place after the other and runs the test of the promise that
 * is broken by it. Exit code 1 when one survives. Everything happens in a copy of the checkout; the checkout is only read.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/project.ts';
import { asSentence, testTitles, type TestTitle } from '../docs/test-titles.ts';
import type { Mutation } from './mutation.ts';
import { MUTATIONS, mutated } from './mutations.ts';

const FILES_AT_ONCE = 64 * 1024 * 1024;
const ONE_TEST_MS = 180_000;
const ALL_TESTS_MS = 900_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What git would commit, and links to what it would not. */
function copyOfCheckout(): string {
  const copy = mkdtempSync(join(tmpdir(), 'allmcp-sabotage-'));
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: PROJECT_ROOT,
    encoding: 'utf8',
    maxBuffer: FILES_AT_ONCE,
  });
  for (const file of listed.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    // A file that was deleted and not yet committed is still listed.
    cpSync(join(PROJECT_ROOT, file), join(copy, file), { force: true, errorOnExist: false });
  }
  symlinkSync(join(PROJECT_ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function testsOf(sentence: string, titles: readonly TestTitle[]): readonly TestTitle[] {
  return titles.filter(({ name, own }) => [asSentence(name), asSentence(own), `${name}.`].includes(sentence));
}

interface Report {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Runs these tests and no other. Undefined when they had to be ended: a test that no longer ends has noticed. */
function runTests(copy: string, tests: readonly TestTitle[], ms: number): Report | undefined {
  const names = tests.map(({ name }) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const files = [...new Set(tests.map(({ file }) => file))];
  const report = join(copy, 'sabotage-report.json');
  const args = ['--maxWorkers=1', '--silent', '--json', `--outputFile=${report}`, '-t', `^(${names.join('|')})$`];
  rmSync(report, { force: true });
  spawnSync(process.execPath, [join(copy, 'node_modules/jest/bin/jest.js'), ...args, '--runTestsByPath', ...files], {
    cwd: copy,
    stdio: 'ignore',
    timeout: ms,
    env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
  });
  return existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Report) : undefined;
}

/** The full names of the tests that ended like this. */
function named(report: Report | undefined, ended: 'passed' | 'failed'): ReadonlySet<string> {
  const results = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
  return new Set(results.filter(({ status }) => status === ended).map(({ fullName }) => fullName));
}

type Ending = 'killed' | 'SURVIVED' | 'DOES NOT LOAD';

/** A change by which nothing runs any more proves nothing. */
function sabotage(copy: string, mutation: Mutation, tests: readonly TestTitle[]): Ending {
  const path = join(copy, mutation.file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, mutated(source, mutation));
  try {
    const report = runTests(copy, tests, ONE_TEST_MS);
    if (report === undefined) return 'killed';
    const [passed, failed] = [named(report, 'passed'), named(report, 'failed')];
    if (tests.some(({ name }) => failed.has(name))) return 'killed';
    return tests.every(({ name }) => passed.has(name)) ? 'SURVIVED' : 'DOES NOT LOAD';
  } finally {
    writeFileSync(path, source);
  }
}

function main(): number {
  const at = process.argv.indexOf('--only');
  const only = at < 0 ? '' : (process.argv[at + 1] ?? '');
  const chosen = MUTATIONS.filter(({ sentence, file }) => `${sentence} ${file}`.includes(only));
  const titles = testTitles();
  const copy = copyOfCheckout();
  const survivors: string[] = [];
  try {
    say(`${chosen.length} mutations, in a copy of the checkout; first the tests without any`);
    const needed = new Set(chosen.flatMap(({ sentence }) => testsOf(sentence, titles)));
    const sound = named(runTests(copy, [...needed], ALL_TESTS_MS), 'passed');
    for (const [i, mutation] of chosen.entries()) {
      const { sentence, file } = mutation;
      const tests = testsOf(sentence, titles);
      const isSound = tests.length > 0 && tests.every(({ name }) => sound.has(name));
      const ended = isSound ? sabotage(copy, mutation, tests) : 'NO TEST PASSES WITHOUT IT';
      say(`${String(i + 1).padStart(3)}/${chosen.length}  ${ended}  ${file}: ${sentence}`);
      if (ended !== 'killed') survivors.push(`${file}: ${sentence}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  say(`${chosen.length - survivors.length} killed, ${survivors.length} not`);
  for (const one of survivors) say(`- ${one}`);
  return survivors.length === 0 && chosen.length > 0 ? 0 : 1;
}

process.exitCode = main();
