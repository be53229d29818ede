/** STS as the real SDK sees it: session tags and trust policies. */
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, it } from '@jest/globals';
import { ACCOUNT, put, role, setUpAws } from '../set-up.ts';

const { client, issue } = await setUpAws();

describe('STS', () => {
  const assume = (Tags: { Key: string; Value: string }[], more: object = {}) =>
    client(issue(role('Function'))).sts.send(
      new AssumeRoleCommand({
        RoleArn: role('Tenant'),
        RoleSessionName: 'tenant',
        DurationSeconds: 900,
        Tags,
        ...more,
      }),
    );

  it('gives credentials that act under the session tags', async () => {
    const { Credentials, AssumedRoleUser } = await assume([{ Key: 'c', Value: 'sts' }]);
    expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Tenant/tenant`);
    const { dynamodb: db, sts } = client({
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    });
    await db.send(put('T#sts'));
    await expect(db.send(put('T#acme'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(AssumedRoleUser?.Arn);
  });

  it('applies the trust policy to the tags asked for', async () => {
    await expect(assume([])).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(assume([{ Key: 'c', Value: '' }])).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('refuses a caller that the trust policy does not name, and a role that does not exist', async () => {
    const { sts } = client(issue(role('Tenant'), { c: 'acme' }));
    const Tags = [{ Key: 'c', Value: 'x' }];
    const ask = (RoleArn: string) => new AssumeRoleCommand({ RoleArn, RoleSessionName: 'tenant', Tags });
    await expect(sts.send(ask(role('Tenant')))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(sts.send(ask(role('Nobody')))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('refuses a session longer than role chaining allows, and malformed tags', async () => {
    const Tags = [{ Key: 'c', Value: 'x' }];
    await expect(assume(Tags, { DurationSeconds: 7200 })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(assume([{ Key: 'c', Value: 'a*b' }])).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(assume([...Tags, { Key: 'C', Value: 'y' }])).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  it('refuses session tags of more than 350 characters of names and values together', async () => {
    const ofLength = (length: number) => [
      { Key: 'c', Value: 'x'.repeat(200) },
      { Key: 'd', Value: 'x'.repeat(length - 202) },
    ];
    await expect(assume(ofLength(350))).resolves.toMatchObject({ Credentials: {} });
    await expect(assume(ofLength(351))).rejects.toMatchObject({ name: 'PackedPolicyTooLargeException' });
  });

  it('does not ignore a parameter it does not serve', async () => {
    await expect(assume([{ Key: 'c', Value: 'x' }], { Policy: '{}' })).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('Policy'),
    });
  });
});
