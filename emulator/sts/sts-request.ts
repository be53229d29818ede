/**
 * What IAM is asked for AssumeRole: the role itself, and `TagSession` as well when the session gets tags
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html).
 */
import { requestContext } from '../iam/context.ts';
import type { AccessRequest } from '../iam/evaluate.ts';

export interface AssumeRole {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly externalId?: string | undefined;
}

/** Both must be allowed. */
export function assumeRoleRequests(asked: AssumeRole): readonly AccessRequest[] {
  const tagKeys = Object.keys(asked.tags);
  const context = requestContext({
    ...Object.fromEntries(Object.entries(asked.tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    'aws:TagKeys': tagKeys,
    'sts:TransitiveTagKeys': asked.transitiveTagKeys,
    'sts:RoleSessionName': asked.sessionName,
    'sts:ExternalId': asked.externalId,
  });
  const actions = tagKeys.length === 0 ? ['sts:AssumeRole'] : ['sts:AssumeRole', 'sts:TagSession'];
  return actions.map((action) => ({ action, resource: asked.roleArn, context }));
}
