/**
 * Temporary credentials and who they stand for. Access key ids and tokens are random, so a process that was not given
 * a set cannot act as its role.
 */
import { randomBytes } from 'node:crypto';
import type { PolicyCaller } from './evaluate.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface AwsSession extends AwsCredentials {
  readonly caller: PolicyCaller;
  /** The role's name, as counted in `awsCalls`. */
  readonly role: string;
  /** Session tags: `aws:PrincipalTag/<key>`. */
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  /**
   * The function whose environment was given these credentials: `lambda:SourceFunctionArn`. Lambda puts it into them, and
   * STS does not hand it on, so a session of a role that was assumed has none.
   */
  readonly functionArn?: string | undefined;
  /** Milliseconds; undefined for the credentials of a running function, which end with its environment. */
  readonly expires: number | undefined;
}

export interface CredentialStore {
  issue(session: Omit<AwsSession, keyof AwsCredentials>): AwsSession;
  find(accessKeyId: string): AwsSession | undefined;
  revoke(accessKeyId: string): void;
}

const SWEEP_EVERY = 500;

export function createCredentialStore(clock: () => number): CredentialStore {
  const sessions = new Map<string, AwsSession>();
  let issued = 0;

  function sweep(): void {
    const now = clock();
    for (const [id, { expires }] of sessions) if (expires !== undefined && expires < now - 60_000) sessions.delete(id);
  }

  return {
    issue(session) {
      issued += 1;
      if (issued % SWEEP_EVERY === 0) sweep();
      const credentials = {
        accessKeyId: `ASIA${randomBytes(16).toString('hex').toUpperCase()}`,
        secretAccessKey: randomBytes(30).toString('base64url'),
        sessionToken: randomBytes(48).toString('base64url'),
      };
      const full = { ...session, ...credentials };
      sessions.set(full.accessKeyId, full);
      return full;
    },
    find: (accessKeyId) => sessions.get(accessKeyId),
    revoke: (accessKeyId) => void sessions.delete(accessKeyId),
  };
}

/** The caller that a session of a role is. */
export function roleSession(roleArn: string, sessionName: string): PolicyCaller {
  const [, , , , account = '', resource = ''] = roleArn.split(':');
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  return { arn: `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`, roleArn, account };
}

export function roleName(roleArn: string): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}
