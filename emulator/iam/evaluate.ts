/**
 * IAM's decision (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html) for
 * one account: explicit deny first, then an allow from the identity's policies or from the resource's, else denied.
 * Invariant: nothing is allowed that no statement allows.
 */
import { conditionHolds } from './condition.ts';
import type { PolicyContext } from './context.ts';
import type { Policy, Principals, Statement } from './document.ts';
import { matchesPattern, pattern } from './pattern.ts';

/** Who calls. */
export interface PolicyCaller {
  /** `arn:aws:sts::…:assumed-role/Role/session`, as it appears in messages. */
  readonly arn: string;
  /** `arn:aws:iam::…:role/Role`: what policies name, and `aws:PrincipalArn`. */
  readonly roleArn: string;
  readonly account: string;
}

export interface AccessRequest {
  /** `service:Operation`. */
  readonly action: string;
  readonly resource: string;
  readonly context: PolicyContext;
}

export interface Policies {
  readonly identity: readonly Policy[];
  /**
   * The resource's own policy. A resource that has one (a KMS key, a role) is closed to identity policies unless its
   * policy delegates to the account; undefined for resources without one.
   */
  readonly resource?: Policy | undefined;
}

export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly why: 'explicit-deny'; readonly where: 'identity' | 'resource' }
  | { readonly allowed: false; readonly why: 'implicit-deny' };

export function evaluate(caller: PolicyCaller, policies: Policies, request: AccessRequest): Decision {
  const identity = policies.identity.flatMap((policy) => policy.statements).filter((s) => statementApplies(s, request));
  const resource = (policies.resource?.statements ?? []).filter((s) => statementApplies(s, request));
  if (identity.some((s) => s.effect === 'Deny')) return { allowed: false, why: 'explicit-deny', where: 'identity' };
  if (resource.some((s) => s.effect === 'Deny' && namesCaller(s.principals, caller)))
    return { allowed: false, why: 'explicit-deny', where: 'resource' };

  const allowing = resource.filter((s) => s.effect === 'Allow');
  if (allowing.some((s) => namesDirectly(s.principals, caller))) return { allowed: true };
  const open = policies.resource === undefined || allowing.some((s) => namesAccount(s.principals, caller));
  if (open && identity.some((s) => s.effect === 'Allow')) return { allowed: true };
  return { allowed: false, why: 'implicit-deny' };
}

/** Whether action, resource and conditions of a statement fit; its principals are judged separately. */
export function statementApplies(statement: Statement, request: AccessRequest): boolean {
  return (
    fits(statement.actions, statement.notActions, (action) => matchesAction(action, request)) &&
    fits(statement.resources, statement.notResources, (resource) => matchesResource(resource, request)) &&
    statement.conditions.every((test) => conditionHolds(test, request.context))
  );
}

/** A statement without the element (a trust policy has no Resource) fits everything. */
function fits(
  wanted: readonly string[] | undefined,
  unwanted: readonly string[] | undefined,
  matches: (one: string) => boolean,
): boolean {
  if (wanted !== undefined) return wanted.some(matches);
  return unwanted === undefined || !unwanted.some(matches);
}

function matchesAction(action: string, request: AccessRequest): boolean {
  const pieces = pattern(action, request.context);
  return pieces !== undefined && matchesPattern(request.action, pieces, true);
}

function matchesResource(resource: string, request: AccessRequest): boolean {
  const pieces = pattern(resource, request.context);
  return pieces !== undefined && matchesPattern(request.resource, pieces);
}

/** A deny reaches a caller through `*`, its role, its session or its account. */
function namesCaller(principals: Principals | undefined, caller: PolicyCaller): boolean {
  return namesDirectly(principals, caller) || namesAccount(principals, caller);
}

function namesDirectly(principals: Principals | undefined, caller: PolicyCaller): boolean {
  if (principals === undefined) return false;
  return principals.anyone || principals.aws.includes(caller.roleArn) || principals.aws.includes(caller.arn);
}

function namesAccount(principals: Principals | undefined, caller: PolicyCaller): boolean {
  return principals?.aws.some((p) => p === caller.account || p === `arn:aws:iam::${caller.account}:root`) ?? false;
}
