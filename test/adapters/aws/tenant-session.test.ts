/** Which tags a session is asked for with, and how long one is used. */
import { STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from '@jest/globals';
import { createAppSessions, createTenantSessions, type SessionDeps } from '../../../adapters/aws/tenant-session.ts';
import { tenantId, tenantTags } from '../../../core/tenant/tenant.ts';

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
