/** What is kept secret, where it may go, and what is written down. */
import type { Mutation } from './mutation.ts';

const ENVELOPE = 'core/vault/envelope.ts';
const EGRESS = 'core/egress/egress.ts';

export const SECRET_MUTATIONS: readonly Mutation[] = [
  {
    sentence: 'The envelope opens under its own context only.',
    file: ENVELOPE,
    find: '{ ...context, v:',
    replace: '{ client: context.client, v:',
  },
  {
    sentence: 'The envelope does not open when a single bit was changed.',
    file: ENVELOPE,
    find: 'Buffer.concat([decipher.update(envelope.ct), decipher.final()])',
    replace: 'Buffer.concat([decipher.update(envelope.ct)])',
  },
  {
    sentence: 'The envelope wipes the data key after use.',
    file: ENVELOPE,
    find: 'dataKey.plaintext.fill(0);',
    replace: '',
  },
  {
    sentence: 'The vault does not use a cached plain text for another version of the credential.',
    file: 'core/vault/vault.ts',
    find: 'if (cached?.version === connection.version) return',
    replace: 'if (cached !== undefined) return',
  },
  {
    sentence: 'The vault opens what it sealed and keeps the plain text for a minute.',
    file: 'core/vault/vault.ts',
    find: 'PLAINTEXT_TTL_MS = 60_000',
    replace: 'PLAINTEXT_TTL_MS = 60_000_000',
  },
  {
    sentence: 'The vault lets go of the plain text when its minute is up, whether anybody asks again or not.',
    file: 'core/vault/vault.ts',
    find: 'ttlAutopurge: true',
    replace: 'ttlAutopurge: false',
  },
  {
    sentence: 'A Secret does not show its value in any way of printing.',
    file: 'core/vault/secret.ts',
    find: "[inspect.custom](): string {\n    return '[secret]';",
    replace: '[inspect.custom](): string {\n    return JSON.stringify(this.#value);',
  },
  {
    sentence: 'Sealed state opens for its tenant and purpose, for ten minutes.',
    file: 'core/vault/sealed-state.ts',
    find: 'inside.exp > clock() ?',
    replace: 'inside.exp > 0 ?',
  },
  {
    sentence: 'A stored connection holds no field of its credential in clear.',
    file: ENVELOPE,
    find: 'const ct = Buffer.concat([cipher.update(plaintext), cipher.final()]);',
    replace: 'const ct = Buffer.concat([cipher.update(plaintext), cipher.final(), plaintext]);',
  },
  {
    sentence: 'An OAuth app does not lend its secret to the app it has replaced.',
    file: 'adapters/aws/oauth/app-store.ts',
    find: 'if (owner === undefined || app?.clientId !== clientId)',
    replace: 'if (owner === undefined || app === undefined)',
  },
  {
    sentence: 'What may leave goes to the hosts of the provider, over https, on the usual port.',
    file: EGRESS,
    find: "if (url.port !== '')",
    replace: 'if (false)',
  },
  {
    sentence: 'What may leave does not carry headers that would change where it goes or who it seems to be from.',
    file: EGRESS,
    find: '^(host|content-length|',
    replace: '^(content-length|',
  },
  {
    sentence: 'The provider engine does not send to a host that is not on the allow-list.',
    file: EGRESS,
    find: 'if (!allowedHosts.some(',
    replace: 'if (false && !allowedHosts.some(',
  },
  {
    sentence: 'The way out to providers does not connect to a name that leads to a private address.',
    file: 'adapters/http/https.ts',
    find: 'if (first === undefined || addresses.some(',
    replace: 'if (first === undefined || [].some(',
  },
  {
    sentence: 'The way out to providers checks every address a name has, in both forms a caller may ask in.',
    file: 'adapters/http/https.ts',
    find: 'addresses.some(({ address }) => isPrivateAddress(address))',
    replace: 'isPrivateAddress(first.address)',
  },
  {
    sentence: 'The way out to providers accepts no certificate that nobody it trusts has signed.',
    file: 'adapters/http/connection-pool.ts',
    find: 'new Agent({ keepAlive: true,',
    replace: 'new Agent({ rejectUnauthorized: false, keepAlive: true,',
  },
  {
    sentence: 'A vendor that departs from the standard is not believed when it names an issuer that is not its own.',
    file: 'core/consent/finish.ts',
    find: "return protocol === 'https:' && hosts.some(",
    replace: "return protocol === 'https:' || hosts.some(",
  },
  {
    sentence: 'A redirect of a provider is followed for a read and within its own hosts only.',
    file: 'core/egress/redirect.ts',
    find: 'return egressProblem(next, hosts) === undefined ? next : undefined;',
    replace: 'return next;',
  },
  {
    sentence: 'A failure inside answers 500 with a reference that the log has too, and with nothing of the exception.',
    file: 'adapters/http/json-edge.ts',
    find: "{ code: 'internal', ...failed, reference }",
    replace: "{ code: 'internal', ...failed, message: String(error), reference }",
  },
  {
    sentence: 'An event holds no credential and nothing derived from one.',
    file: 'core/event/announce.ts',
    find: 'provider, connection: name, accountName, reconnected },',
    replace: 'provider, connection: name, accountName: `${accountName} ${JSON.stringify(connection)}`, reconnected },',
  },
];
