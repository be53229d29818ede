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

describe('a credential that no header can hold', () => {
  const withHeader = {
    kind: 'fields' as const,
    fields: [field('token'), field('site')],
    derive: () => ({}),
    inject: ({ token = '' }) => ({ baseUrl: 'https://x.example', headers: { authorization: `Bearer ${token}` } }),
  };
  const inBody = { ...withHeader, inject: () => ({ baseUrl: 'https://x.example' }) };

  it('is called unsendable by the name of its field, never by its value', () => {
    for (const odd of ['tok\u0435n', 'tok\u2019en', 'tok\u2014en', '\u{1F511}'])
      expect([odd, fieldProblems(withHeader, { token: odd, site: 'acme' })]).toMatchObject([
        odd,
        [{ kind: 'unsendable', field: { key: 'token' } }],
      ]);
    const said = fieldMessage(withHeader, { token: 'canary\u2019', site: 'acme' });
    expect(said).toMatch(/^The field token \(TOKEN\) holds a character that cannot be sent: /);
    expect(said).not.toContain('canary');
  });

  it('is not one that goes elsewhere: a password may be in any alphabet', () => {
    expect(fieldProblems(inBody, { token: 'пароль’', site: 'acme' })).toEqual([]);
    expect(fieldProblems(withHeader, { token: 'tok\u00E9', site: 'кафе' })).toEqual([]);
  });

  it('is also what holds a character that nobody sees, or half of one', () => {
    for (const odd of ['to\u200Bken', '\uFEFFtoken', 'tok\u202Een', 'tok\u00ADen', 'tok\uD83Den'])
      expect(fieldProblems(inBody, { token: odd, site: 'acme' })).toMatchObject([{ kind: 'unsendable' }]);
  });
});
