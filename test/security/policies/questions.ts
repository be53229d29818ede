/** What a case asks: whether a role with these tags may make a call of DynamoDB, KMS or STS. */
import { appContext, webhookContext } from '../../../core/vault/app-owner.ts';
import { tenantId, tenantTags } from '../../../core/tenant/tenant.ts';
import { PARTITIONS, SESSION_TAGS } from '../../../adapters/aws/schema.ts';
import { authorize, type Role } from '../../../emulator/iam/authorize.ts';
import { AwsError } from '../../../emulator/wire/aws-error.ts';
import { roleName, roleSession, type AwsSession } from '../../../emulator/iam/credentials.ts';
import type { Policy, Statement } from '../../../emulator/iam/document.ts';
import { dynamodbRequests } from '../../../emulator/dynamodb/dynamodb-request.ts';
import { kmsRequest } from '../../../emulator/kms/kms-request.ts';
import { assumeRoleRequests } from '../../../emulator/sts/sts-request.ts';
import { ADMINISTRATOR, appRole, connectRole, eventsRole, mcpRole, tenantRole } from './statements.ts';
import { keyArn, model, policyStatements, tenantsTable, webhookRole, writerRole, type World } from './statements.ts';

/** True when the role may, by the statements of a world. */
type Judge = (in_: World) => boolean;
export type Case = readonly [what: string, allowed: boolean, judge: Judge];
type Tags = Record<string, string>;
type Payload = (table: string) => Record<string, unknown>;

export const own = tenantId({ client: 'acme', org: 'o1', user: 'u1' });
export const otherUser = tenantId({ client: 'acme', org: 'o1', user: 'u2' });
export const otherOrg = tenantId({ client: 'acme', org: 'o2', user: 'u1' });
export const otherClient = tenantId({ client: 'rival', org: 'o1', user: 'u1' });
export const solo = tenantId({ client: 'acme' });

export const tagsOf = (tenant = own): Tags => {
  const { client, org, user } = tenantTags(tenant);
  return { [SESSION_TAGS.client]: client, [SESSION_TAGS.org]: org, [SESSION_TAGS.user]: user };
};
export const appTags = (tenant = own): Tags => without(tagsOf(tenant), SESSION_TAGS.user);
export const without = (tags: Tags, key: string): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([k]) => k !== key));

const session = (role: Role, tags: Tags): AwsSession => ({
  caller: roleSession(role.arn, 'test'),
  role: roleName(role.arn),
  tags,
  transitiveTagKeys: [],
  functionArn: model.functions.find((fn) => fn.roleArn === role.arn)?.arn,
  expires: undefined,
  accessKeyId: '',
  secretAccessKey: '',
  sessionToken: '',
});
const policyOf = (statements: readonly Statement[]): Policy => ({ statements });

function may(in_: World, role: Role, tags: Tags, ask: (roles: Map<string, Role>, by: AwsSession) => void): boolean {
  const roles = new Map(model.roles).set(ADMINISTRATOR.arn, ADMINISTRATOR);
  const changed = (of: Role, policy: readonly Statement[], trust = of.trust.statements): void =>
    void roles.set(of.arn, { ...of, policies: [policyOf(policy)], trust: policyOf(trust) });
  changed(tenantRole, in_.tenantPolicy, in_.tenantTrust);
  changed(writerRole, in_.writerPolicy, in_.writerTrust);
  changed(appRole, in_.appPolicy, in_.appTrust);
  changed(webhookRole, in_.webhookPolicy, in_.webhookTrust);
  changed(connectRole, in_.connectPolicy);
  changed(eventsRole, in_.eventsPolicy);
  try {
    ask(roles, session(role, tags));
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code.startsWith('AccessDenied')) return false;
    throw error;
  }
}

export const dynamo =
  (operation: string, payload: Payload, role = tenantRole, tags = tagsOf()): Judge =>
  (in_) =>
    may(in_, role, tags, (roles, by) => {
      const deps = {
        shapeOf: (name: string) => model.tables.find((table) => table.name === name),
        arnOf: (name: string) => `arn:none:${name}`,
      };
      const asked = dynamodbRequests(operation, payload(tenantsTable.name), deps);
      if (asked === undefined || asked.length === 0) throw new Error('nothing asked');
      for (const one of asked) authorize(by, roles, one, undefined);
    });

export const kms =
  (operation: string, encryptionContext: Tags, role = tenantRole, tags = tagsOf()): Judge =>
  (in_) =>
    may(in_, role, tags, (roles, by) =>
      authorize(by, roles, kmsRequest(operation, keyArn, '000000000000', encryptionContext), policyOf(in_.keyPolicy)),
    );

/** The key policy stands alone: what is left when someone gives the tenant role more than it should have. */
export const widened =
  (operation: string, encryptionContext: Tags, role = tenantRole): Judge =>
  (in_) => {
    const everything = policyStatements(ADMINISTRATOR);
    const policies = { tenantPolicy: everything, writerPolicy: everything, appPolicy: everything };
    const wide = { ...in_, ...policies, webhookPolicy: everything };
    const tags = [appRole, webhookRole].includes(role) ? appTags() : tagsOf();
    return kms(operation, encryptionContext, role, tags)(wide);
  };

/** The role's policy stands alone: what is left when someone takes the denials out of the key's. */
export const undenied =
  (operation: string, encryptionContext: Tags, role: Role, tags: Tags): Judge =>
  (in_) =>
    kms(operation, encryptionContext, role, tags)({ ...in_, keyPolicy: in_.keyPolicy.filter(isAllowing) });
const isAllowing = ({ effect }: Statement): boolean => effect === 'Allow';

export const assume =
  (tags: Tags, role = mcpRole, wanted = tenantRole): Judge =>
  (in_) =>
    may(in_, role, {}, (roles, by) => {
      const asked = { roleArn: wanted.arn, sessionName: 'tenant', tags, transitiveTagKeys: [] };
      const trust = roles.get(wanted.arn)?.trust;
      for (const one of assumeRoleRequests(asked)) authorize(by, roles, one, trust, 'AccessDenied', 403);
    });

export const row = (pk: string) => ({ pk: { S: pk }, sk: { S: 'CONN#x#default' } });
export const get =
  (pk: string): Payload =>
  (TableName) => ({ TableName, Key: row(pk) });
export const put =
  (pk: string): Payload =>
  (TableName) => ({ TableName, Item: row(pk) });
export const query =
  (pk: string): Payload =>
  (TableName) => ({
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: pk } },
  });
export const update =
  (pk: string, ReturnValues?: string): Payload =>
  (TableName) => ({
    TableName,
    Key: row(pk),
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
    ...(ReturnValues === undefined ? {} : { ReturnValues }),
  });
/** With the row as it was, which may be another's. */
export const andAsk =
  (payload: Payload): Payload =>
  (table) => ({ ...payload(table), ReturnValues: 'ALL_OLD' });

export const context = (tenant = own): Tags => ({ ...tenantTags(tenant), provider: 'p', connection: 'default' });
export const sealed = (owner: Parameters<typeof appContext>[0]): Tags => ({ ...appContext(owner, 'p') });
export const signing = (client: string): Tags => ({ ...webhookContext(client) });

export const ticketOwner = `${PARTITIONS.pending}TICKET#x`;
export const grant = `${PARTITIONS.pending}GRANT#x`;
export const outbox = `${PARTITIONS.outbox}acme`;
export const apps = `${PARTITIONS.app}acme`;
