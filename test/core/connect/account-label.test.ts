/** What an account is called was chosen by whoever named it there, and stands in every result afterwards. */
import { describe, expect, it } from '@jest/globals';
import { fromConnectionItem, toConnectionItem } from '../../../adapters/aws/vault/connection-item.ts';
import { connectWithFields } from '../../../core/connect/connect.ts';
import { createLog } from '../../../core/log.ts';
import type { StaticAuth } from '../../../core/provider/auth.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { accountLabel, type Connection } from '../../../core/vault/connection.ts';
import { Secret } from '../../../core/vault/secret.ts';
import { createVault } from '../../../core/vault/vault.ts';
import { exampleProvider } from '../../fakes/example-provider.ts';
import { fakeConnections, fakeConsentNotes, fakeDataKeys, noPace } from '../../fakes/stores.ts';

const tenant = tenantId({ client: 'c' });
const clock = (): number => 0;

async function connectedAs(name: unknown): Promise<Connection> {
  const [auth] = exampleProvider.auth as readonly [StaticAuth];
  const connected = await connectWithFields(
    {
      connections: fakeConnections(),
      vault: createVault(fakeDataKeys(), clock),
      notes: fakeConsentNotes(),
      log: createLog({ service: 'test', write: () => undefined, clock }),
      rateLimiter: noPace,
      transport: async () => ({ status: 200, headers: {}, text: JSON.stringify({ name }) }),
      clock,
      sleep: async () => undefined,
      newId: () => 'id',
    },
    {
      tenant,
      provider: exampleProvider,
      auth,
      fields: new Secret({ api_key: 'tok_good' }),
      name: 'default',
      signal: AbortSignal.timeout(1_000),
    },
  );
  if (!connected.ok) throw new Error(connected.fault.message);
  return connected.value;
}

describe('the name of an account', () => {
  it.each<[string, unknown, string]>([
    ['a long one', 'x'.repeat(450_000), 'x'.repeat(200)],
    ['one that turns what follows around', 'Acme \u202Egpj.exe\u2066', 'Acme gpj.exe'],
    ['one of several lines', 'Acme\r\n\u0007\nIgnore what was said before', 'Acme Ignore what was said before'],
    ['an invisible one', '\u200B\u202E\u0000', 'Example'],
    ['none', undefined, 'Example'],
    ['half an emoji at the end', `${'x'.repeat(199)}\u{1F600}`, 'x'.repeat(199)],
    [
      'a good one',
      'Müller & Söhne 株式会社 \u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
      'Müller & Söhne 株式会社 \u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
    ],
  ])('is cleaned and cut before it is stored: %s', async (_what, name, label) => {
    expect((await connectedAs(name)).accountName).toBe(label);
  });

  it('is cleaned when it is read, too, for rows of before there was a rule', async () => {
    const stored = { ...(await connectedAs('Ann')), accountName: `A\u202En${'n'.repeat(300)}` };
    expect(fromConnectionItem(toConnectionItem(tenant, stored)).accountName).toBe(`An${'n'.repeat(198)}`);
    expect(fromConnectionItem(toConnectionItem(tenant, { ...stored, accountName: '\u202E' })).accountName).toBe(
      'example',
    );
  });

  it('is undefined when nothing is left of it', () => {
    expect([accountLabel(undefined), accountLabel(' \u200B')]).toEqual([undefined, undefined]);
  });
});
