/** STS for one account: AssumeRole with session tags, and GetCallerIdentity. Answers in the query protocol's XML. */
import { randomUUID } from 'node:crypto';
import { assumeRoleRequests, type AssumeRole } from './sts-request.ts';
import { authorize, type Roles } from '../iam/authorize.ts';
import { AwsError } from '../wire/aws-error.ts';
import { roleName, roleSession, type CredentialStore, type AwsSession } from '../iam/credentials.ts';

const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 900;
/** A role session may assume another role for one hour at most, whatever the role allows (role chaining). */
const MAX_CHAINED_SECONDS = 3600;
const MAX_TAGS = 50;
/**
 * Characters of the names and values of all tags of a session. AWS packs them into a binary form whose size it does not
 * publish; sessions of 370 to 455 characters have been reported as too large, so what passes here passes there.
 */
const MAX_PACKED_TAGS = 350;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
/** An empty list is sent as `Tags=`. */
const KNOWN_FIELDS =
  /^(Action|Version|RoleArn|RoleSessionName|DurationSeconds|ExternalId|Tags|Tags\.member\.\d+\.(Key|Value)|TransitiveTagKeys\.member\.\d+)$/;

export function createSts(deps: {
  readonly roles: Roles;
  readonly credentials: CredentialStore;
  readonly clock: () => number;
}) {
  function assumeRole(session: AwsSession, form: URLSearchParams): string {
    const asked = readAssumeRole(form);
    const inherited = Object.fromEntries(
      Object.entries(session.tags).filter(([key]) => session.transitiveTagKeys.includes(key)),
    );
    const role = deps.roles.get(asked.roleArn);
    for (const request of assumeRoleRequests(asked)) {
      // A role that does not exist is answered like one that may not be assumed.
      authorize(session, deps.roles, request, role?.trust ?? { statements: [] }, 'AccessDenied', 403);
    }
    const tags = { ...asked.tags, ...inherited };
    refuseOversized(tags);
    const seconds = duration(form, role?.maxSessionSeconds ?? DEFAULT_SECONDS);
    const caller = roleSession(asked.roleArn, asked.sessionName);
    const issued = deps.credentials.issue({
      caller,
      role: roleName(asked.roleArn),
      tags,
      transitiveTagKeys: [...session.transitiveTagKeys, ...asked.transitiveTagKeys],
      expires: deps.clock() + seconds * 1000,
    });
    return answer(
      'AssumeRole',
      `<Credentials><AccessKeyId>${issued.accessKeyId}</AccessKeyId>` +
        `<SecretAccessKey>${xml(issued.secretAccessKey)}</SecretAccessKey>` +
        `<SessionToken>${xml(issued.sessionToken)}</SessionToken>` +
        `<Expiration>${new Date(issued.expires ?? 0).toISOString()}</Expiration></Credentials>` +
        `<AssumedRoleUser><Arn>${xml(caller.arn)}</Arn>` +
        `<AssumedRoleId>${xml(`AROA:${asked.sessionName}`)}</AssumedRoleId></AssumedRoleUser>`,
    );
  }

  /** Answers one call with the XML of the STS API. */
  return (session: AwsSession, operation: string, form: URLSearchParams): string => {
    if (operation === 'AssumeRole') return assumeRole(session, form);
    if (operation === 'GetCallerIdentity') {
      const { arn, account } = session.caller;
      return answer('GetCallerIdentity', `<Arn>${xml(arn)}</Arn><UserId>AROA</UserId><Account>${account}</Account>`);
    }
    throw new AwsError('InvalidAction', `sts:${operation} is not served on the laptop`);
  };
}

function readAssumeRole(form: URLSearchParams): AssumeRole {
  const unknown = [...form.keys()].find((field) => !KNOWN_FIELDS.test(field));
  if (unknown !== undefined)
    throw new AwsError('ValidationError', `AssumeRole with ${unknown} is not served on the laptop`);
  const tags = readTags(form);
  const sessionName = form.get('RoleSessionName') ?? '';
  if (!SESSION_NAME.test(sessionName)) throw new AwsError('ValidationError', 'RoleSessionName is malformed');
  return {
    roleArn: form.get('RoleArn') ?? '',
    sessionName,
    tags,
    transitiveTagKeys: [...form].filter(([field]) => field.startsWith('TransitiveTagKeys.')).map(([, key]) => key),
    externalId: form.get('ExternalId') ?? undefined,
  };
}

function readTags(form: URLSearchParams): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (let i = 1; form.has(`Tags.member.${i}.Key`); i += 1) {
    const key = form.get(`Tags.member.${i}.Key`) ?? '';
    const value = form.get(`Tags.member.${i}.Value`) ?? '';
    if (key === '' || key.length > 128 || value.length > 256 || !TAG_TEXT.test(key) || !TAG_TEXT.test(value))
      throw new AwsError('ValidationError', 'a session tag is malformed');
    if (Object.keys(tags).some((seen) => seen.toLowerCase() === key.toLowerCase()))
      throw new AwsError(
        'InvalidParameterValue',
        'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      );
    tags[key] = value;
  }
  if (Object.keys(tags).length > MAX_TAGS) throw new AwsError('ValidationError', `more than ${MAX_TAGS} session tags`);
  return tags;
}

function refuseOversized(tags: Readonly<Record<string, string>>): void {
  const size = Object.entries(tags).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (size > MAX_PACKED_TAGS)
    throw new AwsError(
      'PackedPolicyTooLarge',
      `Packed size of session tags consumes ${Math.ceil((size * 100) / MAX_PACKED_TAGS)}% of allotted space.`,
    );
}

function duration(form: URLSearchParams, roleMaximum: number): number {
  const seconds = Number(form.get('DurationSeconds') ?? DEFAULT_SECONDS);
  if (!Number.isInteger(seconds) || seconds < MIN_SECONDS || seconds > roleMaximum)
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  if (seconds > MAX_CHAINED_SECONDS)
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  return seconds;
}

function answer(operation: string, result: string): string {
  return (
    `<${operation}Response xmlns="${NAMESPACE}"><${operation}Result>${result}</${operation}Result>` +
    `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${operation}Response>`
  );
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
