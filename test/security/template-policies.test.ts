/**
 * Who may open what, proven on the policies of the synthesized template. META: every statement of the tenant role, of
 * its trust policy and of the key policy is needed by at least one case, so none can be removed unnoticed.
 */
import { describe, expect, it } from '@jest/globals';
import type { Statement } from '../../emulator/iam/document.ts';
import { APP_ROLE } from './policies/app-role.ts';
import { FUNCTIONS } from './policies/functions.ts';
import { assume, tagsOf, type Case } from './policies/questions.ts';
import { ADMINISTRATOR, PARTS, WORLD, type World } from './policies/statements.ts';
import { TENANT_ROLE } from './policies/tenant-role.ts';
import { WEBHOOK_ROLE } from './policies/webhook-role.ts';
import { WRITER_ROLE } from './policies/writer-role.ts';

const CASES: readonly Case[] = [...TENANT_ROLE, ...WRITER_ROLE, ...APP_ROLE, ...WEBHOOK_ROLE, ...FUNCTIONS];

describe('who may open what', () => {
  it.each(CASES)('%s: %s', (_what, allowed, judge) => {
    expect(judge(WORLD)).toBe(allowed);
  });

  it('an administrator with every permission cannot become a tenant: no trust policy names the account', () => {
    expect(assume(tagsOf(), ADMINISTRATOR)(WORLD)).toBe(false);
  });
});

describe('META: every statement matters', () => {
  const failing = (changed: World): number => CASES.filter(([, allowed, judge]) => judge(changed) !== allowed).length;
  const replaced = (part: keyof World, statement: Statement, by: readonly Statement[]): World => ({
    ...WORLD,
    [part]: WORLD[part].flatMap((one) => (one === statement ? by : [one])),
  });

  it.each(PARTS)('a case fails when any statement of %s is removed', (part) => {
    expect(WORLD[part].length).toBeGreaterThan(0);
    const unproven = WORLD[part].filter((statement) => failing(replaced(part, statement, [])) === 0);
    expect(unproven).toEqual([]);
  });

  it.each(PARTS)('a case fails when any condition of %s is removed', (part) => {
    const unproven = WORLD[part].flatMap((statement) =>
      statement.conditions
        .filter((condition) => {
          const weaker = { ...statement, conditions: statement.conditions.filter((one) => one !== condition) };
          return failing(replaced(part, statement, [weaker])) === 0;
        })
        .map(({ operator, key }) => `${operator} ${key}`),
    );
    // All tags are asked for by name, so that there are any follows; it is written out for the reader.
    expect(new Set(unproven)).toEqual(new Set(part.endsWith('Trust') ? ['Null aws:TagKeys'] : []));
  });

  it.each(PARTS.filter((part) => part.endsWith('Policy') && part !== 'keyPolicy'))(
    'a case fails when any action of %s is taken away',
    (part) => {
      const unproven = WORLD[part].flatMap((statement) =>
        (statement.actions ?? []).filter((action) => {
          const narrower = { ...statement, actions: (statement.actions ?? []).filter((one) => one !== action) };
          return failing(replaced(part, statement, [narrower])) === 0;
        }),
      );
      expect(unproven).toEqual([]);
    },
  );
});
