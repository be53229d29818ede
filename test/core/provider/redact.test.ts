import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { secretTexts, withoutSecrets } from '../../../core/provider/redact.ts';

const field = (key: string, secret: boolean) => ({ key, label: key, secret });

describe('an answer that quotes the credential it was asked with', () => {
  it('is passed on without it, wherever in the answer it stands', () => {
    const secrets = secretTexts({ api_key: 'tok_1234567890' }, [field('api_key', true)]);
    const answer = {
      'key tok_1234567890': ['x tok_1234567890 y', { deep: 'tok_1234567890tok_1234567890' }],
      n: 1,
      no: null,
    };
    expect(withoutSecrets(answer, secrets)).toEqual({
      'key [secret]': ['x [secret] y', { deep: '[secret][secret]' }],
      n: 1,
      no: null,
    });
  });

  it('loses of an address also the part that is the secret, and keeps the host', () => {
    const secrets = secretTexts({ api_key: 'https://acme.bitrix24.com/rest/1/abcdef0123456789/' }, []);
    expect(withoutSecrets('at /rest/1/abcdef0123456789/crm.deal.get of acme.bitrix24.com', secrets)).toBe(
      'at /rest/1/[secret]/crm.deal.get of acme.bitrix24.com',
    );
    expect(withoutSecrets('https%3A%2F%2Facme.bitrix24.com%2Frest%2F1%2Fabcdef0123456789%2F', secrets)).toBe(
      '[secret]',
    );
  });

  it('keeps what is declared not to be secret, times, and texts too short to be one', () => {
    const credential = {
      login: 'anna@example.com',
      password: 'short',
      expires_at: '1795316400000',
      token: 'tok_12345678',
    };
    const secrets = secretTexts(credential, [field('login', false), field('password', true)]);
    expect(secrets).toEqual(['tok_12345678']);
  });

  it('is otherwise what it was, and never holds a secret text', () => {
    fc.assert(
      fc.property(fc.json(), fc.stringMatching(/^[a-z0-9]{8,40}$/), (json, secret) => {
        const value = JSON.parse(json) as unknown;
        const secrets = secretTexts({ token: secret }, []);
        expect(withoutSecrets(value, [])).toEqual(value);
        const clean = withoutSecrets({ value, said: `<${secret}>` }, secrets) as { said: string };
        expect(clean.said).toBe('<[secret]>');
      }),
    );
  });
});

describe('a credential in another form', () => {
  const secret = 'tok/Canary+1234=5?ü';
  const bytes = Buffer.from(secret);
  const inside = (before: string) => Buffer.from(`${before}${secret} and more`).toString('base64');
  const echoes: readonly (readonly [string, string])[] = [
    ['as it is', secret],
    ['in upper case', secret.toUpperCase()],
    ['percent-encoded', encodeURIComponent(secret)],
    ['percent-encoded in lower case', encodeURIComponent(secret).toLowerCase()],
    ['percent-encoded letter by letter', bytes.toString('hex').replaceAll(/../g, '%$&')],
    ['as a form writes it', new URLSearchParams({ t: secret }).toString()],
    ['in hex', bytes.toString('hex')],
    ['in upper-case hex', bytes.toString('hex').toUpperCase()],
    ['in Base64', bytes.toString('base64')],
    ['in Base64 of an address', bytes.toString('base64url')],
    ['inside what is in Base64', inside('user:')],
    ['inside it, one byte on', inside('user1:')],
    ['inside it, two bytes on', inside('user12:')],
  ];

  it('a response that echoes its credential loses it in every case and in hex, Base64 and percent-encoding', () => {
    for (const [how, echo] of echoes) {
      const clean = withoutSecrets({ said: `before ${echo} after`, [echo]: 1 }, secretTexts({ token: secret }, []));
      expect([how, JSON.stringify(readings(echo))]).toEqual([how, expect.stringMatching(/canary/i)]);
      expect([how, JSON.stringify(clean).match(/\[secret\]/g)?.length]).toEqual([how, 2]);
      const left = JSON.stringify(
        Object.entries(clean as object)
          .flat()
          .flatMap(readings),
      );
      expect([how, left]).toEqual([how, expect.not.stringMatching(/canary/i)]);
    }
  });

  /** What somebody could make of a text: itself, and what each of its words decodes to. */
  function readings(text: unknown): readonly string[] {
    return String(text)
      .split(/[\s[\]]+/)
      .flatMap((word) => [
        word,
        word.replaceAll(/%([0-9a-f]{2})/gi, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16))),
        Buffer.from(word, 'hex').toString('latin1'),
        ...[0, 1, 2, 3].map((at) => Buffer.from(word.slice(at), 'base64').toString('latin1')),
      ]);
  }
});
