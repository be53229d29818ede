/**
 * Puts the question of a call to the evaluator with the template's policies, and turns a denial into the error and
 * the sentence that AWS answers.
 */
import type { ContextValue } from './context.ts';
import type { Policy } from './document.ts';
import { evaluate, type AccessRequest, type Decision } from './evaluate.ts';
import { AwsError } from '../wire/aws-error.ts';
import type { AwsSession } from './credentials.ts';

export interface Role {
  readonly arn: string;
  readonly trust: Policy;
  readonly policies: readonly Policy[];
  readonly maxSessionSeconds: number;
}

/** The roles of the template by ARN. */
export type Roles = ReadonlyMap<string, Role>;

/** Throws the service's access-denied error unless the session's role may do this. */
export function authorize(
  session: AwsSession,
  roles: Roles,
  request: AccessRequest,
  resourcePolicy: Policy | undefined,
  errorCode = 'AccessDeniedException',
  status = 400,
): void {
  const role = roles.get(session.caller.roleArn);
  const context = request.context.with(principalContext(session));
  const decision = evaluate(
    session.caller,
    { identity: role?.policies ?? [], resource: resourcePolicy },
    { ...request, context },
  );
  if (!decision.allowed) throw new AwsError(errorCode, denialMessage(session, request, decision), status);
}

function principalContext({ caller, tags, functionArn }: AwsSession): Record<string, ContextValue | undefined> {
  return {
    'aws:PrincipalArn': caller.roleArn,
    'aws:PrincipalAccount': caller.account,
    'aws:PrincipalType': 'AssumedRole',
    'aws:SourceAccount': caller.account,
    'aws:SecureTransport': 'true',
    'lambda:SourceFunctionArn': functionArn,
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
  };
}

function denialMessage(session: AwsSession, { action, resource }: AccessRequest, decision: Decision): string {
  const because =
    decision.allowed || decision.why === 'implicit-deny'
      ? `because no identity-based policy allows the ${action} action`
      : `with an explicit deny in ${decision.where === 'identity' ? 'an identity-based' : 'a resource-based'} policy`;
  return `User: ${session.caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
}
