/** The verdict of a run, and the page that shows it. */
import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/project.ts';
import { judge, page, type Revision } from './page.ts';
import { serverList, type Outcome } from './suite.ts';

const outcome = (scenario: string, passed: number, failed: number): Outcome => ({
  scenario,
  passed,
  failed,
  warned: 0,
  skipped: 0,
});

const revision: Revision = {
  name: '2025-11-25',
  required: ['ping', 'tools-list', 'sampling', 'caching'],
  expected: ['sampling'],
  outcomes: [outcome('extra', 0, 3), outcome('ping', 2, 0), outcome('tools-list', 1, 1), outcome('sampling', 1, 1)],
};

describe('a run of the suite', () => {
  it('counts the required scenarios without a failed check, and no others', () => {
    expect(judge(revision).passed).toBe(1);
  });

  it('is wrong about a scenario that fails unexpectedly and about one that was never run', () => {
    expect(judge(revision).wrong).toEqual(['tools-list', 'caching']);
  });

  it('is shown scenario by scenario, without a word that changes from run to run', () => {
    const text = page('1.2.3', [revision], [outcome('skills', 0, 0)]);
    expect(text).toContain('1 of 4 required scenarios pass.');
    expect(text).toContain('| ping | passes | 2 | 0 | 0 | 0 |');
    expect(text).toContain('| sampling | fails, expected | 1 | 1 | 0 | 0 |');
    expect(text).toContain('| tools-list | fails | 1 | 1 | 0 | 0 |');
    expect(text).toContain('| caching | not run | | | | |');
    expect(text).toContain('| extra | fails | 0 | 3 | 0 | 0 |');
    expect(text).toContain('| skills | passes, nothing to check | 0 | 0 | 0 | 0 |');
    const shuffled = { ...revision, outcomes: revision.outcomes.toReversed() };
    expect(page('1.2.3', [shuffled], [outcome('skills', 0, 0)])).toBe(text);
  });
});

describe('the expected failures', () => {
  it('are the four scenarios that need a session, and no others', () => {
    const file = readFileSync(join(PROJECT_ROOT, 'test', 'conformance', 'expected-failures.yml'), 'utf8');
    expect(serverList(file)).toEqual([
      'tools-call-sampling',
      'tools-call-elicitation',
      'elicitation-sep1034-defaults',
      'elicitation-sep1330-enums',
    ]);
  });

  it('are read as scenarios only: a single check of one is no scenario', () => {
    expect(
      serverList('client:\n  - other\nserver:\n  # why\n  - one # because\n  - two:check\nnot_scored:\n  - three\n'),
    ).toEqual(['one']);
  });
});
