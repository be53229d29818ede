/**
 * The REQUEST authorizer: what its function returns or throws decides whether the integration runs
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html).
 */
import { requestContext } from '../iam/context.ts';
import { parsePolicy, type Policy } from '../iam/document.ts';
import { statementApplies } from '../iam/evaluate.ts';
import type { InvocationResult } from '../lambda/invocation.ts';
import type { GatewayResponseType } from './gateway-response.ts';

export type Authorization =
  | { readonly allowed: true; readonly context: Readonly<Record<string, string>> }
  | { readonly allowed: false; readonly type: GatewayResponseType; readonly context: Readonly<Record<string, string>> };

/** The text that API Gateway turns into 401; any other failure is a 5xx. */
const UNAUTHORIZED = 'Unauthorized';

export function readAuthorization(result: InvocationResult, methodArn: string): Authorization {
  if (result.kind === 'failed' && result.error.message === UNAUTHORIZED)
    return { allowed: false, type: 'UNAUTHORIZED', context: {} };
  if (result.kind === 'streamed') result.body.resume();
  if (result.kind !== 'buffered') return { allowed: false, type: 'AUTHORIZER_FAILURE', context: {} };
  const answer = readAnswer(result.payload, methodArn);
  if (answer === undefined) return { allowed: false, type: 'AUTHORIZER_CONFIGURATION_ERROR', context: {} };
  const { allowed, context } = answer;
  return allowed ? { allowed, context } : { allowed, type: 'ACCESS_DENIED', context };
}

/** Throws for a policy that the evaluator does not understand. */
function allows(policy: Policy, methodArn: string): boolean {
  const request = { action: 'execute-api:Invoke', resource: methodArn, context: requestContext({}) };
  const applying = policy.statements.filter((statement) => statementApplies(statement, request));
  return applying.some(({ effect }) => effect === 'Allow') && !applying.some(({ effect }) => effect === 'Deny');
}

/** Undefined when the answer is not what API Gateway expects of an authorizer. */
function readAnswer(payload: Buffer, methodArn: string) {
  try {
    const { principalId, policyDocument, context } = JSON.parse(payload.toString('utf8')) as Record<string, unknown>;
    const flat = flatten(context);
    if (typeof principalId !== 'string' || flat === undefined) return undefined;
    return { allowed: allows(parsePolicy(policyDocument), methodArn), context: { ...flat, principalId } };
  } catch {
    return undefined;
  }
}

/** Strings, numbers and booleans, each as text; an object or a list makes the whole answer invalid. */
function flatten(context: unknown): Record<string, string> | undefined {
  if (context === undefined || context === null) return {};
  if (typeof context !== 'object' || Array.isArray(context)) return undefined;
  const flat: Record<string, string> = {};
  for (const [key, value] of Object.entries(context) as [string, unknown][]) {
    if (value === null) continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
    flat[key] = String(value);
  }
  return flat;
}
