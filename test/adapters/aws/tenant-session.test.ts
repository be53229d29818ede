/** Which tags a session is asked for with, and how long one is used. */
import { STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createAppSessions, createTenantSessions, type SessionDeps } from '../../../adapters/aws/tenant-session.ts';
import { idProblem, tenantId, tenantTags } from '../../../core/tenant/tenant.ts';

function setUpSessions() {
  const asked: Record<string, string>[] = [];
  const time = { now: 0 };
  const sts = Object.assign(new STSClient({ region: 'eu-central-1' }), {
    send: async ({ input }: { input: { Tags: { Key: string; Value: string }[] } }) => {
      asked.push(Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key, Value])));
      if (asked.at(-1)?.['allmcp:client'] === 'broken') throw new Error('STS is away');
      return { Credentials: { AccessKeyId: 'a', SecretAccessKey: 'b', SessionToken: 'c' } };
    },
  });
  const deps: SessionDeps = { sts: sts as STSClient, roleArn: 'role', clock: () => time.now };
  return { asked, time, deps };
}

const ann = tenantId({ client: 'acme', org: 'jsm', user: 'ann' });
const bob = tenantId({ client: 'acme', org: 'jsm', user: 'bob' });

describe('a session', () => {
  it('of a tenant carries all three tags and is shared with no other tenant', async () => {
    const { asked, deps } = setUpSessions();
    const sessions = createTenantSessions(deps);
    expect(await sessions(ann)).not.toBe(await sessions(bob));
    expect(await sessions(ann)).toBe(await sessions(ann));
    expect(asked).toEqual([
      { 'allmcp:client': 'acme', 'allmcp:org': 'jsm', 'allmcp:user': 'ann' },
      { 'allmcp:client': 'acme', 'allmcp:org': 'jsm', 'allmcp:user': 'bob' },
    ]);
  });

  it('carries tags that STS can pack, whatever the ids of the tenant are', async () => {
    const { asked, deps } = setUpSessions();
    const longest = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
    const anyLength = fc
      .oneof(fc.constantFrom('a'.repeat(90), 'a'.repeat(200), 'ж'.repeat(15), '😀'.repeat(200)), longest)
      .filter((id) => idProblem(id) === undefined);
    await fc.assert(
      fc.asyncProperty(anyLength, anyLength, anyLength, async (client, org, user) => {
        const tenant = tenantId({ client, org, user });
        await createTenantSessions(deps)(tenant);
        // The laptop's STS refuses more, and AWS's is thought to refuse from 370 on.
        expect(
          Object.entries(asked.at(-1) ?? {})
            .join('')
            .replaceAll(',', '').length,
        ).toBeLessThanOrEqual(350);
      }),
    );
  });

  it('for apps carries client and organization only, and is shared by their users', async () => {
    const { asked, deps } = setUpSessions();
    const sessions = createAppSessions(deps);
    expect(await sessions(tenantTags(ann))).toBe(await sessions(tenantTags(bob)));
    await sessions(tenantTags(tenantId({ client: 'acme' })));
    expect(asked).toEqual([
      { 'allmcp:client': 'acme', 'allmcp:org': 'jsm' },
      { 'allmcp:client': 'acme', 'allmcp:org': '=' },
    ]);
  });

  it('is asked for again before it ends, and after a failure', async () => {
    const { asked, time, deps } = setUpSessions();
    const sessions = createAppSessions(deps);
    const scope = { client: 'acme', org: '=' };
    await sessions(scope);
    time.now = 13 * 60_000;
    await sessions(scope);
    expect(asked).toHaveLength(1);
    time.now = 14 * 60_000;
    await sessions(scope);
    expect(asked).toHaveLength(2);
    for (let n = 0; n < 2; n += 1) await expect(sessions({ client: 'broken', org: '=' })).rejects.toThrow('away');
    expect(asked).toHaveLength(4);
  });
});
