/** `connect_provider`: connects at once with credentials the provider accepts. */
import * as z from 'zod';
import { fault, plain } from '../../core/classify.ts';
import { connectWithFields } from '../../core/connect.ts';
import { connectHint } from '../../core/connect-hint.ts';
import { DEFAULT_CONNECTION, isConnectionName } from '../../core/connection.ts';
import { isFieldWay, type FieldWay } from '../../core/auth.ts';
import { fail, ok } from '../../core/result.ts';
import { Secret } from '../../core/secret.ts';
import type { Credential } from '../../core/vault.ts';
import { findProvider } from './find-provider.ts';
import { defineSystemTool, providerKey, text } from './system-tool.ts';

const secret = text(4_000, 0);
const Input = z.strictObject({
  provider_key: providerKey,
  api_key: secret.optional().describe('key, token or webhook URL'),
  extra_fields: z.record(text(60), secret).optional().describe('the fields connect_hint names'),
  login: secret.optional(),
  password: secret.optional(),
  connection: text(200, 0).optional().describe('name for a further account'),
});

export const connectProvider = defineSystemTool({
  name: 'connect_provider',
  title: 'Connect an account',
  description:
    "Connects an account: the call in connect_hint of list_providers, with the user's values. Tested, then stored encrypted.",
  input: Input,
  readOnly: false,
  openWorld: true,
  async run(session, args) {
    const { deps, principal, signal } = session;
    const found = findProvider(deps, args.provider_key);
    if (!found.ok) return found;
    const hint = connectHint(found.value, principal.policy);
    const name = args.connection ?? DEFAULT_CONNECTION;
    if (!isConnectionName(name))
      return fail(fault('invalid_input', 'connection is a name of up to 40 characters: a-z, 0-9, _ and -.'));

    const given = credentialOf(args);
    const next = `Ask the user for the values, then call ${hint}`;
    if (given === undefined)
      return fail(fault('invalid_input', `${found.value.name} needs a credential to connect.`, { next }));
    if (principal.policy.inline_credentials === 'refuse')
      return fail(
        fault('invalid_input', 'Credentials are not taken in tool arguments here. Nothing was stored.', {
          next: `Call ${hint}`,
        }),
      );

    const provider = await deps.loadProvider(found.value.key);
    const way = provider.auth.filter(isFieldWay).find((auth) => accepts(auth, given));
    if (way === undefined)
      return fail(fault('invalid_input', `${provider.name} takes other fields than these.`, { next }));
    const connected = await connectWithFields(deps, {
      tenant: principal.tenant,
      provider,
      way,
      fields: new Secret(given),
      name,
      signal,
    });
    if (!connected.ok) return fail(plain(connected.fault));
    const { account } = connected.value;
    return ok({ status: 'connected', provider_key: provider.key, connection: name, account });
  },
});

/** The fields in one object, or undefined when none was given. */
function credentialOf({ api_key, extra_fields, login, password }: z.infer<typeof Input>): Credential | undefined {
  const given = Object.entries({ ...extra_fields, api_key, login, password }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return given.length === 0 ? undefined : Object.fromEntries(given.map(([key, value]) => [key, value.trim()]));
}

/** The way of signing in that takes one of these fields; `connectWithFields` then says which one is wrong. */
function accepts(auth: FieldWay, given: Credential): boolean {
  return auth.fields.some(({ key }) => Object.hasOwn(given, key));
}
