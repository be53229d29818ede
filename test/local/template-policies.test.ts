/**
 * Who may open what, proven on the policies of the synthesized template. META: every statement of the tenant role, of
 * its trust policy and of the key policy is needed by at least one case, so none can be removed unnoticed.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { tenantId, tenantTags } from '../../lambda/core/tenant.ts';
import { PARTITIONS, SESSION_TAGS } from '../../lambda/aws/schema.ts';
import { authorize, type Role } from '../../local/aws/authorize.ts';
import { AwsError } from '../../local/aws/aws-error.ts';
import { roleName, roleSession, type Session } from '../../local/aws/credentials.ts';
import type { Policy, Statement } from '../../local/policy/document.ts';
import { parsePolicy } from '../../local/policy/document.ts';
import { dynamodbRequests } from '../../local/policy/dynamodb-request.ts';
import { kmsRequest } from '../../local/policy/kms-request.ts';
import { assumeRoleRequests } from '../../local/policy/sts-request.ts';
import type { TableModel } from '../../local/template/data-model.ts';
import { readModel, type Model } from '../../local/template/model.ts';
import { testAssembly } from '../e2e/runtime.ts';

/** What a case is judged with; the META test takes statements out of it. */
interface World {
  readonly tenantPolicy: readonly Statement[];
  readonly tenantTrust: readonly Statement[];
  readonly keyPolicy: readonly Statement[];
}

let model: Model;
let world: World;
let tenantRole: Role;
let mcpRole: Role;
let adminRole: Role;
let keyArn: string;
let tenantsTable: TableModel;
let keysTable: TableModel;

const own = tenantId({ client: 'acme', org: 'o1', user: 'u1' });
const otherUser = tenantId({ client: 'acme', org: 'o1', user: 'u2' });
const otherOrg = tenantId({ client: 'acme', org: 'o2', user: 'u1' });
const otherClient = tenantId({ client: 'rival', org: 'o1', user: 'u1' });
const solo = tenantId({ client: 'acme' });
const counters = `${PARTITIONS.shared}acme#KEY#k1`;

const tagsOf = (tenant = own): Record<string, string> => {
  const { client, org, user } = tenantTags(tenant);
  return { [SESSION_TAGS.client]: client, [SESSION_TAGS.org]: org, [SESSION_TAGS.user]: user };
};
const without = (tags: Record<string, string>, key: string) =>
  Object.fromEntries(Object.entries(tags).filter(([k]) => k !== key));

beforeAll(async () => {
  model = readModel(await testAssembly());
  const role = (part: string): Role => {
    const found = [...model.roles.values()].find(({ arn }) => roleName(arn).includes(part));
    if (found === undefined) throw new Error(`no role ${part}`);
    return found;
  };
  [tenantRole, mcpRole, adminRole] = [role('TenantRole'), role('McpRole'), role('AdminRole')];
  const [key] = model.keys;
  if (key === undefined || model.keys.length !== 1) throw new Error('not one key');
  keyArn = key.arn;
  const table = (part: string): TableModel => {
    const found = model.tables.find(({ name }) => name.includes(part));
    if (found === undefined) throw new Error(`no table ${part}`);
    return found;
  };
  [tenantsTable, keysTable] = [table('TenantsTable'), table('KeysTable')];
  world = {
    tenantPolicy: tenantRole.policies.flatMap(({ statements }) => statements),
    tenantTrust: tenantRole.trust.statements,
    keyPolicy: key.policy.statements,
  };
}, 180_000);

const session = (role: Role, tags: Record<string, string>): Session => ({
  caller: roleSession(role.arn, 'test'),
  role: roleName(role.arn),
  tags,
  transitiveTagKeys: [],
  expires: undefined,
  accessKeyId: '',
  secretAccessKey: '',
  sessionToken: '',
});
const policyOf = (statements: readonly Statement[]): Policy => ({ statements });

/** An administrator: every permission of the account, by an identity policy. */
const ADMINISTRATOR: Role = {
  arn: 'arn:aws:iam::000000000000:role/Administrator',
  trust: parsePolicy({ Statement: [] }),
  policies: [parsePolicy({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] })],
  maxSessionSeconds: 3600,
};

function may(
  in_: World,
  role: Role,
  tags: Record<string, string>,
  ask: (roles: Map<string, Role>, by: Session) => void,
): boolean {
  const roles = new Map(model.roles).set(ADMINISTRATOR.arn, ADMINISTRATOR);
  roles.set(tenantRole.arn, {
    ...tenantRole,
    policies: [policyOf(in_.tenantPolicy)],
    trust: policyOf(in_.tenantTrust),
  });
  try {
    ask(roles, session(role, tags));
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code.startsWith('AccessDenied')) return false;
    throw error;
  }
}

const dynamo =
  (operation: string, payload: (table: string) => Record<string, unknown>, role = () => tenantRole, tags = tagsOf()) =>
  (in_: World): boolean =>
    may(in_, role(), tags, (roles, by) => {
      const deps = {
        shapeOf: (name: string) => model.tables.find((table) => table.name === name),
        arnOf: (name: string) => `arn:none:${name}`,
      };
      const asked = dynamodbRequests(operation, payload(tenantsTable.name), deps);
      if (asked === undefined || asked.length === 0) throw new Error('nothing asked');
      for (const one of asked) authorize(by, roles, one, undefined);
    });
const kms =
  (operation: string, context: Record<string, string>, role = () => tenantRole, tags = tagsOf()) =>
  (in_: World): boolean =>
    may(in_, role(), tags, (roles, by) =>
      authorize(by, roles, kmsRequest(operation, keyArn, '000000000000', context), policyOf(in_.keyPolicy)),
    );
/** The key policy stands alone: what is left when someone gives the tenant role more than it should have. */
const widened =
  (operation: string, encryptionContext: Record<string, string>) =>
  (in_: World): boolean =>
    kms(
      operation,
      encryptionContext,
    )({ ...in_, tenantPolicy: ADMINISTRATOR.policies.flatMap(({ statements }) => statements) });
const assume =
  (tags: Record<string, string>, role = () => mcpRole) =>
  (in_: World): boolean =>
    may(in_, role(), {}, (roles, by) => {
      const asked = { roleArn: tenantRole.arn, sessionName: 'tenant', tags, transitiveTagKeys: [] };
      for (const one of assumeRoleRequests(asked))
        authorize(by, roles, one, policyOf(in_.tenantTrust), 'AccessDenied', 403);
    });

const row = (pk: string) => ({ pk: { S: pk }, sk: { S: 'CONN#x#default' } });
const get = (pk: string) => (TableName: string) => ({ TableName, Key: row(pk) });
const put = (pk: string) => (TableName: string) => ({ TableName, Item: row(pk) });
const query = (pk: string) => (TableName: string) => ({
  TableName,
  KeyConditionExpression: 'pk = :pk',
  ExpressionAttributeValues: { ':pk': { S: pk } },
});
const update =
  (pk: string, ReturnValues?: string) =>
  (TableName: string): Record<string, unknown> => ({
    TableName,
    Key: row(pk),
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
    ...(ReturnValues === undefined ? {} : { ReturnValues }),
  });
const context = (tenant = own): Record<string, string> => ({
  ...tenantTags(tenant),
  provider: 'p',
  connection: 'default',
});

type Case = readonly [what: string, allowed: boolean, judge: (in_: World) => boolean];
const CASES: readonly Case[] = [
  // Rows.
  ['a tenant reads a row of its own', true, dynamo('GetItem', get(own))],
  ['a tenant lists its own rows', true, dynamo('Query', query(own))],
  ['a tenant writes a row of its own', true, dynamo('PutItem', put(own))],
  ['a tenant changes a row of its own', true, dynamo('UpdateItem', update(own, 'ALL_NEW'))],
  ['a tenant removes a row of its own', true, dynamo('DeleteItem', get(own))],
  ['Solo reads its own row', true, dynamo('GetItem', get(solo), () => tenantRole, tagsOf(solo))],
  ['a tenant reads another user of its organization', false, dynamo('GetItem', get(otherUser))],
  ['a tenant lists another organization', false, dynamo('Query', query(otherOrg))],
  ['a tenant reads another client', false, dynamo('GetItem', get(otherClient))],
  ['a tenant writes to another user', false, dynamo('PutItem', put(otherUser))],
  ['a tenant removes a row of another user', false, dynamo('DeleteItem', get(otherUser))],
  ['Solo reads a user of its client', false, dynamo('GetItem', get(own), () => tenantRole, tagsOf(solo))],
  [
    'a batch reads its own row and that of another',
    false,
    dynamo('BatchGetItem', (table) => ({ RequestItems: { [table]: { Keys: [row(own), row(otherUser)] } } })),
  ],
  ['a tenant scans the table', false, dynamo('Scan', (TableName) => ({ TableName }))],
  ['a tenant lists without a partition', false, dynamo('Query', (TableName) => ({ TableName }))],
  [
    'a session without a user tag reads',
    false,
    dynamo('GetItem', get(own), () => tenantRole, without(tagsOf(), SESSION_TAGS.user)),
  ],
  ['a session without tags reads a row with empty parts', false, dynamo('GetItem', get('T###'), () => tenantRole, {})],
  ['a tenant reads the row of its client', false, dynamo('GetItem', get(`${PARTITIONS.client}acme`))],
  ['a tenant lists the directory', false, dynamo('Query', query(`${PARTITIONS.directory}CLIENTS`))],
  [
    'a tenant reads the table of keys',
    false,
    dynamo('GetItem', () => ({ TableName: keysTable.name, Key: { pk: { S: own } } })),
  ],
  // Counters.
  ['a tenant counts for its client', true, dynamo('UpdateItem', update(counters))],
  ['a tenant counts and asks for the new value', true, dynamo('UpdateItem', update(counters, 'UPDATED_NEW'))],
  ['a tenant counts and asks for the whole old row', false, dynamo('UpdateItem', update(counters, 'ALL_OLD'))],
  ['a tenant counts and asks for the whole new row', false, dynamo('UpdateItem', update(counters, 'ALL_NEW'))],
  ['a tenant reads a counter', false, dynamo('GetItem', get(counters))],
  ['a tenant lists counters', false, dynamo('Query', query(counters))],
  ['a tenant removes a counter', false, dynamo('DeleteItem', get(counters))],
  ['a tenant counts for another client', false, dynamo('UpdateItem', update(`${PARTITIONS.shared}rival#KEY#k1`))],
  [
    'a tenant counts for a client whose id begins like its own',
    false,
    dynamo('UpdateItem', update(`${PARTITIONS.shared}acme2#KEY#k1`)),
  ],
  ['a tenant counts without naming a partition', false, dynamo('UpdateItem', (TableName) => ({ TableName, Key: {} }))],
  // The key.
  ['a tenant opens its own envelope', true, kms('Decrypt', context())],
  ['a tenant makes a data key for itself', true, kms('GenerateDataKey', context())],
  ['a tenant opens the envelope of another user', false, kms('Decrypt', context(otherUser))],
  ['a tenant opens the envelope of another organization', false, kms('Decrypt', context(otherOrg))],
  ['a tenant opens the envelope of another client', false, kms('Decrypt', context(otherClient))],
  ['a tenant opens without a context', false, kms('Decrypt', {})],
  ['a tenant opens with half a context', false, kms('Decrypt', without(context(), 'user'))],
  ['a session without tags opens an envelope', false, kms('Decrypt', context(), () => tenantRole, {})],
  ['a tenant role whose own policy was widened opens without a context', false, widened('Decrypt', {})],
  [
    'a tenant role whose own policy was widened makes a data key without a context',
    false,
    widened('GenerateDataKey', {}),
  ],
  ['a tenant encrypts directly', false, kms('Encrypt', context())],
  ['an administrator of the account opens an envelope', false, kms('Decrypt', context(), () => ADMINISTRATOR)],
  ['an administrator makes a data key', false, kms('GenerateDataKey', context(), () => ADMINISTRATOR)],
  ['an administrator hands the key on by a grant', false, kms('CreateGrant', {}, () => ADMINISTRATOR)],
  ['an administrator looks at the key', true, kms('DescribeKey', {}, () => ADMINISTRATOR)],
  ['the admin function opens an envelope', false, kms('Decrypt', context(), () => adminRole)],
  ['the MCP function opens an envelope as itself', false, kms('Decrypt', context(), () => mcpRole)],
  ['the MCP function reads a row as itself', false, dynamo('GetItem', get(own), () => mcpRole)],
  [
    'the MCP function reads a row as itself with forged tags',
    false,
    dynamo('GetItem', get(own), () => mcpRole, tagsOf()),
  ],
  ['the admin function reads a tenant', false, dynamo('GetItem', get(own), () => adminRole, {})],
  ['the admin function lists a client', true, dynamo('Query', query(`${PARTITIONS.client}acme`), () => adminRole, {})],
  // Becoming a tenant.
  ['the MCP function becomes a tenant', true, assume(tagsOf())],
  ['the MCP function becomes Solo', true, assume(tagsOf(solo))],
  ['the MCP function becomes nobody', false, assume({})],
  ['the MCP function becomes a tenant without a user', false, assume(without(tagsOf(), SESSION_TAGS.user))],
  ['the MCP function becomes a tenant without an organization', false, assume(without(tagsOf(), SESSION_TAGS.org))],
  ['the MCP function becomes a tenant without a client', false, assume(without(tagsOf(), SESSION_TAGS.client))],
  ['the MCP function becomes a tenant with an empty user', false, assume({ ...tagsOf(), [SESSION_TAGS.user]: '' })],
  ['the MCP function becomes a tenant with one more tag', false, assume({ ...tagsOf(), extra: 'x' })],
  ['the admin function becomes a tenant', false, assume(tagsOf(), () => adminRole)],
  ['a tenant becomes a tenant', false, assume(tagsOf(), () => tenantRole)],
];

describe('who may open what', () => {
  it.each(CASES)('%s: %s', (_what, allowed, judge) => {
    expect(judge(world)).toBe(allowed);
  });

  it('an administrator who may assume any role cannot become a tenant, because the trust policy does not name the account', () => {
    expect(assume(tagsOf(), () => ADMINISTRATOR)(world)).toBe(false);
  });
});

describe('META: every statement matters', () => {
  const parts = ['tenantPolicy', 'tenantTrust', 'keyPolicy'] as const;
  const failing = (changed: World): number => CASES.filter(([, allowed, judge]) => judge(changed) !== allowed).length;
  const replaced = (part: keyof World, statement: Statement, by: readonly Statement[]): World => ({
    ...world,
    [part]: world[part].flatMap((one) => (one === statement ? by : [one])),
  });

  it.each(parts)('a case fails when any statement of %s is removed', (part) => {
    expect(world[part].length).toBeGreaterThan(0);
    const unproven = world[part].filter((statement) => failing(replaced(part, statement, [])) === 0);
    expect(unproven).toEqual([]);
  });

  it.each(parts)('a case fails when any condition of %s is removed', (part) => {
    const unproven = world[part].flatMap((statement) =>
      statement.conditions
        .filter((condition) => {
          const weaker = { ...statement, conditions: statement.conditions.filter((one) => one !== condition) };
          return failing(replaced(part, statement, [weaker])) === 0;
        })
        .map(({ operator, key }) => `${operator} ${key}`),
    );
    // All three tags are asked for by name, so that there are any follows; it is written out for the reader.
    expect(unproven).toEqual(part === 'tenantTrust' ? ['Null aws:TagKeys'] : []);
  });

  it('a case fails when any action of the tenant role is taken away', () => {
    const unproven = world.tenantPolicy.flatMap((statement) =>
      (statement.actions ?? []).filter((action) => {
        const narrower = { ...statement, actions: (statement.actions ?? []).filter((one) => one !== action) };
        return failing(replaced('tenantPolicy', statement, [narrower])) === 0;
      }),
    );
    expect(unproven).toEqual([]);
  });
});
