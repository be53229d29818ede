/** What a person fills in, checked once for tools, pages and consents. */
import { describe, expect, it } from '@jest/globals';
import { fieldMessage, fieldProblems, MAX_FIELD_LENGTH } from '../../../core/provider/fields.ts';
import type { CredentialField } from '../../../core/provider/auth.ts';

const field = (key: string, more: Partial<CredentialField> = {}): CredentialField => ({
  key,
  label: key.toUpperCase(),
  secret: true,
  ...more,
});
const auth = {
  fields: [field('token'), field('site', { pattern: '^[a-z]+$', example: 'acme' }), field('note', { optional: true })],
};
const good = { token: 't', site: 'acme' };

describe('the fields of an auth', () => {
  it('are right when every field that is needed is there and looks like its pattern', () => {
    expect(fieldProblems(auth, good)).toEqual([]);
    expect(fieldMessage(auth, { ...good, note: '' })).toBeUndefined();
  });

  it('are wrong by kind and field, in the order of the form', () => {
    const found = fieldProblems(auth, { site: 'ACME', note: 'n'.repeat(MAX_FIELD_LENGTH + 1) });
    expect(found.map(({ kind, field: { key } }) => [key, kind])).toEqual([
      ['token', 'missing'],
      ['site', 'malformed'],
      ['note', 'too_long'],
    ]);
  });

  it('hold no control character, whatever the pattern says', () => {
    const loose = { fields: [field('token', { pattern: '.' })] };
    for (const control of ['\0', '\t', '\n', '\r\n', '\u001B', '\u007F', '\u0085', '\u009F'])
      expect(fieldProblems(loose, { token: `a${control}b` })).toMatchObject([{ kind: 'malformed' }]);
  });

  it('are spoken of by their names, never by their values', () => {
    expect(fieldMessage(auth, { ...good, other: 'canary' })).toBe(
      'This provider takes these fields: token, site, note.',
    );
    expect(fieldMessage(auth, { site: 'canary' })).toBe('The field token (TOKEN) is missing.');
    expect(fieldMessage(auth, { ...good, site: 'Canary' })).toBe(
      'The field site (SITE) does not look right. It looks like acme',
    );
    expect(fieldMessage(auth, { ...good, token: 'canary\n' })).toBe('The field token (TOKEN) does not look right.');
  });

  it('do not come from the prototype of what was given', () => {
    expect(fieldProblems({ fields: [field('toString')] }, {})).toMatchObject([{ kind: 'missing' }]);
  });
});
