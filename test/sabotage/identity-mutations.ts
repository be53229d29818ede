/** Who asks: keys, principals, operators. */
import type { Mutation } from './mutation.ts';

const API_KEY = 'core/keys/api-key.ts';
const AUTHENTICATE = 'core/keys/authenticate.ts';

export const IDENTITY_MUTATIONS: readonly Mutation[] = [
  {
    sentence: 'An API key is allmcp_ and 32 letters or digits, with at least 150 random bits.',
    file: API_KEY,
    find: 'body += ALPHABET[random(ALPHABET.length)]',
    replace: 'body += ALPHABET[random(8)]',
  },
  {
    sentence: 'An API key is stored as a SHA-256 and shown by four characters.',
    file: API_KEY,
    find: 'PREFIX.length + 4',
    replace: 'PREFIX.length + 12',
  },
  {
    sentence: 'An API key is refused without a lookup when one character is mistyped.',
    file: API_KEY,
    find: ' && text.endsWith(checksum(text.slice(0, -CHECKSUM_LENGTH)))',
    replace: '',
  },
  {
    sentence: 'Creating a key stores the hash and never the key.',
    file: 'core/keys/key-admin.ts',
    find: 'displayKey(key)',
    replace: 'key',
  },
  {
    sentence: 'No key, an unknown, malformed, revoked or expired key are one and the same refusal.',
    file: AUTHENTICATE,
    find: "if (status !== 'active') return unauthorized(status, named(record));",
    replace: "if (status !== 'active') return forbidden(named(record), 'This key was revoked.');",
  },
  {
    sentence: 'A pinned platform key serves its organizations and no other tenant.',
    file: 'core/keys/tenancy-parameters.ts',
    find: 'pinned.has(encodeId(org))',
    replace: 'pinned.size > 0',
  },
  {
    sentence: 'An operator key opens /admin only, and an API key /mcp only.',
    file: AUTHENTICATE,
    find: "if (audience === 'admin') return forbidden(presented, 'This is an API key.",
    replace: "if (false) return forbidden(presented, 'This is an API key.",
  },
  {
    sentence: 'A tenant key serves its one tenant and nothing else, whatever parameters are sent with it.',
    file: AUTHENTICATE,
    find: "asked.user !== tenantKey.user ? 'user_id' : undefined",
    replace: 'undefined',
  },
  {
    sentence:
      'A tenant key ends with the request after its parent was revoked or has expired, with the refusal of any bad key.',
    file: AUTHENTICATE,
    find: "keyStatusAt(parent, now) !== 'active' || ",
    replace: '',
  },
  {
    sentence: 'A tenant key expires by the clock, whether its row is still there or not.',
    file: AUTHENTICATE,
    find: "if (!isAhead(tenantKey.expiresAt, now)) return unauthorized('expired', presented);",
    replace: '',
  },
  {
    sentence: 'A tenant key cannot make tenant keys and does not open /admin.',
    file: AUTHENTICATE,
    find: "if (credentials.audience === 'keys')",
    replace: 'if (false)',
  },
  {
    sentence: 'Making a tenant key stores a hash and no more of the key than four characters.',
    file: 'core/keys/tenant-key.ts',
    find: 'keys.add(hashKey(key), record)',
    replace: 'keys.add(key, record)',
  },
  {
    sentence: 'The admin API shows an operator of one client that client and its keys only.',
    file: 'lambda/admin/resource/operation.ts',
    find: 'const only = query.client ?? operator.clientId;',
    replace: 'const only = query.client;',
  },
  {
    sentence: 'The admin API refuses an operator of one client every client whose id only looks like its own.',
    file: 'lambda/admin/resource/operation.ts',
    find: 'operator.clientId === undefined || operator.clientId === clientId)',
    replace: 'operator.clientId === undefined || clientId.startsWith(operator.clientId))',
  },
  {
    sentence: 'Listing keys shows what recognises a key and nothing that opens anything.',
    file: 'core/keys/api-key.ts',
    find: 'return `${key.slice(0, PREFIX.length + 4)}…`;',
    replace: 'return key;',
  },
  {
    sentence: 'Bootstrap leaves a line in the log for every operator key that it mints.',
    file: 'lambda/bootstrap/app.ts',
    find: "log.info('operator key minted', { keyId: record.keyId });",
    replace: '',
  },
];
