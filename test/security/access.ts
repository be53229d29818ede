/**
 * The roles, tables and key of the synthesized template, and the question "may this session do that?" put to the
 * evaluator that the laptop runtime uses. No store and no function runs here: what is judged is the policies.
 */
import { authorize, type Role } from '../../emulator/iam/authorize.ts';
import { AwsError } from '../../emulator/wire/aws-error.ts';
import { createCredentialStore, roleName, roleSession, type AwsSession } from '../../emulator/iam/credentials.ts';
import { dynamodbRequests } from '../../emulator/dynamodb/dynamodb-request.ts';
import { parsePolicy, type Policy } from '../../emulator/iam/document.ts';
import type { AccessRequest } from '../../emulator/iam/evaluate.ts';
import { kmsRequest } from '../../emulator/kms/kms-request.ts';
import { assumeRoleRequests } from '../../emulator/sts/sts-request.ts';
import { readModel } from '../../emulator/cloudformation/model.ts';
import { SESSION_TAGS } from '../../adapters/aws/schema.ts';
import type { TenantTags } from '../../core/tenant/tenant.ts';
import { synthesize } from '../../lib/app.ts';
import { emptyBundles, scratchFolder } from '../lib/synthesized.ts';

export const model = readModel(
  synthesize(scratchFolder(), { config: {}, bundles: emptyBundles(), checks: false }).directory,
);

function only<T>(found: readonly T[], what: string): T {
  const [one, ...more] = found;
  if (one === undefined || more.length > 0) throw new Error(`${found.length} in place of one ${what}`);
  return one;
}

export const ROLES = [
  'AuthorizerRole',
  'McpRole',
  'ConnectRole',
  'EventsRole',
  'AdminRole',
  'TenantKeysRole',
  'TenantRole',
  'TenantWriterRole',
  'AppRole',
  'WebhookRole',
] as const;
export type RoleName = (typeof ROLES)[number];
/** These are nobody's in particular. */
const WITHOUT_USER: readonly string[] = ['AppRole', 'WebhookRole'] satisfies readonly RoleName[];
const TAGS_WITHOUT_USER: readonly string[] = [SESSION_TAGS.client, SESSION_TAGS.org];
const roleOf = (name: RoleName): Role =>
  only(
    [...model.roles.values()].filter(({ arn }) => arn.includes(name)),
    name,
  );
const table = (name: 'KeysTable' | 'TenantsTable'): string =>
  only(
    model.tables.filter((one) => one.name.includes(name)),
    name,
  ).name;

export const KEYS_TABLE = table('KeysTable');
export const TENANTS_TABLE = table('TenantsTable');
const key = only(model.keys, 'key');

/** A role of the account that may do everything, as an administrator's. It is not in the template. */
const ADMINISTRATOR: Role = {
  arn: `arn:aws:iam::${model.place.account}:role/AccountAdministrator`,
  trust: { statements: [] },
  policies: [parsePolicy({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] })],
  maxSessionSeconds: 3600,
};
const roles = new Map([...model.roles, [ADMINISTRATOR.arn, ADMINISTRATOR]]);

const credentials = createCredentialStore(() => 0);

/** The function that a role is made for, as Lambda writes it into the credentials; session roles have none. */
const functionOf = (roleArn: string): string | undefined => model.functions.find((fn) => fn.roleArn === roleArn)?.arn;

/**
 * A session of one of the roles, or of an administrator; one that is assumed for a tenant carries its tags.
 *
 * @param functionArn the function that was given the credentials; left out, the one that the role is made for.
 */
export function sessionOf(
  role: RoleName | 'administrator',
  tags?: TenantTags,
  functionArn?: string | null,
): AwsSession {
  const { arn } = role === 'administrator' ? ADMINISTRATOR : roleOf(role);
  return credentials.issue({
    caller: roleSession(arn, 'test'),
    role: roleName(arn),
    tags: tags === undefined ? {} : tagsFor(role, tags),
    transitiveTagKeys: [],
    functionArn: functionArn === null ? undefined : (functionArn ?? functionOf(arn)),
    expires: undefined,
  });
}

function sessionTags(tags: TenantTags): Record<string, string> {
  return { [SESSION_TAGS.client]: tags.client, [SESSION_TAGS.org]: tags.org, [SESSION_TAGS.user]: tags.user };
}

/** The tags that a session of this role carries. */
export function tagsFor(role: RoleName | 'administrator', tags: TenantTags): Record<string, string> {
  const all = Object.entries(sessionTags(tags));
  return Object.fromEntries(WITHOUT_USER.includes(role) ? all.filter(([key]) => TAGS_WITHOUT_USER.includes(key)) : all);
}

/** A DynamoDB call as it goes over the wire. */
export function mayCall(session: AwsSession, operation: string, payload: Readonly<Record<string, unknown>>): boolean {
  const requests = dynamodbRequests(operation, payload, {
    shapeOf: (name) => model.tables.find((one) => one.name === name),
    arnOf: (name) => `arn:aws:dynamodb:${model.place.region}:${model.place.account}:table/${name}`,
  });
  if (requests === undefined) throw new Error(`${operation} is not known to the evaluator`);
  return requests.every((request) => isAllowed(session, request, undefined));
}

/** The same for any action on the row of a partition, also one that the evaluator's mapping does not serve. */
export function mayOnRow(session: AwsSession, action: string, tableName: string, pk: string): boolean {
  const payload = { TableName: tableName, Key: { pk: { S: pk } } };
  const shapeOf = (name: string) => model.tables.find((one) => one.name === name);
  const [request] = dynamodbRequests('GetItem', payload, { shapeOf, arnOf: () => '' }) ?? [];
  if (request === undefined) throw new Error('GetItem asks for nothing');
  return isAllowed(session, { ...request, action: `dynamodb:${action}` }, undefined);
}

export function mayUseKey(session: AwsSession, operation: string, context: Readonly<Record<string, string>>): boolean {
  return isAllowed(session, kmsRequest(operation, key.arn, model.place.account, context), key.policy);
}

/** Whether a session may take on another role with these tags. */
export function mayBecome(session: AwsSession, role: RoleName, tags: Readonly<Record<string, string>>): boolean {
  const { arn, trust } = roleOf(role);
  const asked = { roleArn: arn, sessionName: 'test', tags, transitiveTagKeys: [] };
  return assumeRoleRequests(asked).every((request) => isAllowed(session, request, trust));
}

function isAllowed(session: AwsSession, request: AccessRequest, policy: Policy | undefined): boolean {
  try {
    authorize(session, roles, request, policy);
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}
