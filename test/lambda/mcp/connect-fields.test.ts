/** Characters that no header can carry, typed into every field of every provider that ships. */
import { describe, expect, it } from '@jest/globals';
import { validateHeaderValue } from 'node:http';
import { fieldWords } from '../../../lambda/connect/form.ts';
import { isFormAuth, type Auth } from '../../../core/provider/auth.ts';
import type { Provider } from '../../../core/provider/provider.ts';
import { beginConsent } from '../../../core/consent/begin.ts';
import { loadProvider, PROVIDERS } from '../../../providers/index.ts';
import { renderAuth } from '../../../providers/render.ts';
import { fakeApps, fakeGrants } from '../../fakes/oauth-ports.ts';
import { principalOf } from '../../fakes/principal.ts';
import { createLog } from '../../../core/log.ts';
import { fakeConsentNotes } from '../../fakes/stores.ts';
import { endpoint, firstClient } from './endpoint.ts';
import { structured } from './connecting.ts';

const CONTROLS = ['\0', '\t', '\n', '\r', '\r\n', '\u000B', '\u001B', '\u007F', '\u0080', '\u0085', '\u009F'];
/** A key typed in the wrong layout or copied from a document: a Cyrillic letter, an emoji, a curly quote, nothing to see. */
const FOREIGN = ['\u0441', '\u{1F511}', '\u2019', '\u200B', '\u202E', '\uD83D'];

const log = createLog({ service: 'test', write: () => undefined, clock: Date.now });

/** One form filled in with examples, but for one field that has the text in the middle of its value. */
function filled({ fields }: Pick<Auth, 'fields'>, key: string, text: string): Record<string, string> {
  const good = fields.map((field) => [field.key, field.example ?? 'abcdef'] as const);
  return Object.fromEntries(
    good.map(([name, value]) => [name, name === key ? value.slice(0, 3) + text + value.slice(3) : value]),
  );
}

async function connect(provider: Provider, { api_key, ...extra_fields }: Record<string, string>) {
  const sent: string[] = [];
  const { fetch, connections } = endpoint({
    provider,
    transport: async ({ url, headers }) => {
      sent.push(url.href);
      // As the real way out does.
      for (const [name, value] of Object.entries(headers)) validateHeaderValue(name, value);
      return { status: 401, headers: {}, text: '{}' };
    },
  });
  const client = await firstClient(fetch);
  const result = await client.callTool({
    name: 'connect_provider',
    arguments: { provider_key: provider.key, extra_fields, ...(api_key === undefined ? {} : { api_key }) },
  });
  return { said: structured(result), sent, stored: connections.rows.size };
}

const shipped: Provider[] = [];
// One after the other: the test runner loses modules that two providers load at once.
for (const key of Object.keys(PROVIDERS)) shipped.push(await loadProvider(key));
const cases = shipped.flatMap((provider) =>
  provider.auth.flatMap((auth) =>
    auth.fields.map(({ key }) => ({ name: `${provider.key} ${auth.id} ${key}`, provider, auth, key })),
  ),
);

describe.each(cases)('$name', ({ provider, auth, key }) => {
  it.each(CONTROLS.map((text) => [JSON.stringify(text), text]))(
    'with %s in it is refused, and nothing is sent',
    async (_name, text) => {
      const values = filled(auth, key, text);
      expect([...fieldWords(renderAuth(auth), values).keys()]).toEqual([key]);
      if (isFormAuth(auth)) {
        const { said, sent, stored } = await connect(provider, values);
        expect(said).toMatchObject({ code: 'invalid_input', message: expect.stringContaining(`The field ${key} (`) });
        expect([sent, stored]).toEqual([[], 0]);
        return;
      }
      const grants = fakeGrants();
      const { tenant, clientId: client } = principalOf();
      const begun = await beginConsent(
        { grants, apps: fakeApps([]), clock: Date.now, notes: fakeConsentNotes(), log },
        {
          tenant,
          client,
          provider,
          auth,
          connection: 'default',
          asked: values,
          redirectUri: 'https://x.example',
          orgApp: 'fall_back',
        },
      );
      expect(begun).toMatchObject({ ok: false, fault: { code: 'invalid_input' } });
      expect(grants.rows.size).toBe(0);
    },
  );

  it.each(FOREIGN)(
    'with %j in it is refused by the name of the field, and never ends in our own failure',
    async (text) => {
      if (!isFormAuth(auth)) return;
      const { said, stored } = await connect(provider, filled(auth, key, text));
      expect([said['code'], stored]).toEqual(['invalid_input', 0]);
      expect(said['message']).toContain(`The field ${key} (`);
    },
  );
});
