/** Names of query parameters: what is not known is refused, and what was meant is said. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parameterProblem } from '../../../core/keys/parameter-names.ts';

const KNOWN = ['org_id', 'user_id', 'full_catalog', 'system_only'];
/** As API Gateway reads a query. */
const queryOf = (text: string) => {
  const search = new URLSearchParams(text);
  return Object.fromEntries([...search.keys()].map((name) => [name, search.getAll(name)]));
};
const problemOf = (text: string, known: readonly string[] = KNOWN) => parameterProblem(queryOf(text), known);

describe('a parameter that the address does not know', () => {
  it.each([
    ['userId=ann', 'user_id'],
    ['user-id=ann', 'user_id'],
    ['USER_ID=ann', 'user_id'],
    ['User_Id=ann', 'user_id'],
    ['user_id[]=ann', 'user_id'],
    ['user_id%5B%5D=ann', 'user_id'],
    ['user_id[0]=ann', 'user_id'],
    ['%20user_id=ann', 'user_id'],
    ['user.id=ann', 'user_id'],
    ['userid=ann', 'user_id'],
    ['usr_id=ann', 'user_id'],
    ['user=ann', 'user_id'],
    ['orgId=j', 'org_id'],
    ['org-id=j', 'org_id'],
    ['ORG_ID=j', 'org_id'],
    ['org=j', 'org_id'],
    ['fullCatalog=true', 'full_catalog'],
    ['system-only=true', 'system_only'],
    ['org_id=j&amp;user_id=a', 'user_id'],
    ['org_id=j;user_id=a', 'user_id'],
    ['org_id=j;userId=a', 'user_id'],
    ['org_id=j%26user_id=a', 'user_id'],
    ['org_id;user_id=a', 'org_id and user_id'],
    ['orgId=jsm&userId=ann', 'org_id and user_id'],
  ])('is refused, and the one that was meant is said: %s', (query, meant) => {
    expect(problemOf(query)).toContain(`Did you mean ${meant}?`);
    expect(problemOf(query)).toMatch(/^The parameters here are: org_id, user_id, full_catalog, system_only\./);
  });

  it('is refused where nothing like it is known', () => {
    expect(problemOf('utm_source=x')).toBe('The parameters here are: org_id, user_id, full_catalog, system_only.');
    expect(problemOf('a=1', [])).toBe('There are no parameters here.');
    expect(problemOf('constructor=1&__proto__=2')).toBeDefined();
  });

  it('is not what a value holds: ids are opaque', () => {
    for (const query of ['user_id=a;b', 'user_id=a%26b', 'user_id=a=b', 'org_id=x%3Buser&user_id=u', 'user_id=%26amp;'])
      expect(problemOf(query)).toBeUndefined();
  });

  it('is never quoted', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const said = parameterProblem({ [`§${name}`]: ['v'] }, KNOWN) ?? '';
        expect(said).not.toContain('§');
      }),
    );
  });
});
