/** What only a deployment shows, as calls with what they should be answered with; and what only a person with AWS can see. */
import { again, rpc, Skipped, Unexpected, type SmokeTarget } from './request.ts';
import { crowd, health, keyHeaders, oldTls, refusals, routes, sizes, unknownAddresses } from './edge-checks.ts';
import { connectLinks, handshakes, idsAsSent, longIds, scope } from './tenant-checks.ts';

export interface SmokeResult {
  readonly check: string;
  readonly status: 'ok' | 'fail' | 'skip';
  readonly message: string;
}

type Check = readonly [name: string, what: string, run: (target: SmokeTarget) => Promise<void>];

const CHECKS: readonly Check[] = [
  ['health', 'answers with the version of this checkout', health],
  ['refusals', 'no key, a mistyped and an unknown one are one and the same 401', refusals],
  ['key-headers', 'X-API-Key and Bearer, alike and together', keyHeaders],
  ['routes', 'a slash at the end, 404 behind it, 405 with Allow', routes],
  ['unknown-addresses', '404 in JSON, whatever is sent', unknownAddresses],
  ['handshakes', 'both eras of the protocol; a notification is 202 and empty', handshakes],
  ['ids-as-sent', 'emoji, accents, slash, plus, # and % arrive as they were sent', idsAsSent],
  ['long-ids', 'STS takes the tags of the longest ids', longIds],
  ['scope', 'a key beyond its tenant is 403 and says why', scope],
  ['connect-links', 'a link leads here, to a page with its headers and its cookie', connectLinks],
  ['sizes', 'large bodies are 413 in JSON; headers of 9 KB pass, of 11 KB do not', sizes],
  ['burst', 'more at once than the throttle takes is 429 with Retry-After', crowd],
  ['old-tls', 'TLS 1.1 is refused', oldTls],
];

/** They change the account or need its permissions, so nobody's key can show them. */
const BY_HAND: readonly (readonly [name: string, how: string])[] = [
  ['streaming', 'connect an account, run a call that takes seconds: its progress comes piece by piece, not at the end'],
  [
    'administrator',
    '`aws kms decrypt`, `aws sts assume-role` of TenantRole and `aws dynamodb scan`: two refusals, ciphertext',
  ],
  ['packed-tags', 'PackedPolicySize of AssumeRole in CloudTrail is under 90 for the longest ids'],
  ['key-disabled', '`aws kms disable-key`: a call says that it is temporary; `enable-key`: it works again'],
  [
    'access-changed',
    'PutKeyPolicy with the same policy, CreateFunction with McpRole: the alarm goes off in 15 minutes',
  ],
  ['timeout', 'functions.mcp.timeoutSeconds 1: how a cut stream looks to a client'],
  ['redeploy', '`cdk destroy AllMcp-Service` and deploy again: the old key works and the accounts are there'],
];

/** One after the other: a check must not be what throttles another. */
export async function runSmoke(
  target: Omit<SmokeTarget, 'tenant' | 'organizations'>,
  onResult: (result: SmokeResult) => void,
): Promise<readonly SmokeResult[]> {
  const results: SmokeResult[] = [];
  const add = (result: SmokeResult): void => {
    results.push(result);
    onResult(result);
  };
  const probed = await probe(target);
  for (const [check, what, run] of CHECKS) add({ check, ...(await outcomeOf(what, () => again(() => run(probed)))) });
  for (const [check, how] of BY_HAND) add({ check, status: 'skip', message: `by hand: ${how}` });
  return results;
}

async function outcomeOf(what: string, act: () => Promise<void>): Promise<Omit<SmokeResult, 'check'>> {
  try {
    await act();
    return { status: 'ok', message: what };
  } catch (error) {
    if (error instanceof Skipped) return { status: 'skip', message: error.message };
    if (error instanceof Unexpected) return { status: 'fail', message: error.message };
    return { status: 'fail', message: `there was no answer (${error instanceof Error ? error.name : 'unknown'}).` };
  }
}

/** What the key may be asked with: a key may need a user, and may serve no organization. */
async function probe(target: Omit<SmokeTarget, 'tenant' | 'organizations'>): Promise<SmokeTarget> {
  const bare = { ...target, tenant: '', organizations: false };
  const status = async (query: string): Promise<number | undefined> =>
    rpc(bare, 'tools/list', { path: `/mcp${query}` }).then(
      (response) => response.status,
      () => undefined,
    );
  const tenant = (await status('')) === 403 && (await status(USER)) === 200 ? USER : '';
  return { ...bare, tenant, organizations: (await status(`${USER}&org_id=allmcp-smoke`)) === 200 };
}

const USER = '?user_id=allmcp-smoke';
