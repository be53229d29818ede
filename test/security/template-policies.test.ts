/**
 * Who may open what, proven on the policies of the synthesized template. META: every statement of the tenant role, of
 * its trust policy and of the key policy is needed by at least one case, so none can be removed unnoticed.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { appContext, webhookContext } from '../../core/vault/app-owner.ts';
import { tenantId, tenantTags } from '../../core/tenant/tenant.ts';
import { PARTITIONS, SESSION_TAGS } from '../../adapters/aws/schema.ts';
import { authorize, type Role } from '../../emulator/iam/authorize.ts';
import { AwsError } from '../../emulator/wire/aws-error.ts';
import { roleName, roleSession, type AwsSession } from '../../emulator/iam/credentials.ts';
import type { Policy, Statement } from '../../emulator/iam/document.ts';
import { parsePolicy } from '../../emulator/iam/document.ts';
import { dynamodbRequests } from '../../emulator/dynamodb/dynamodb-request.ts';
import { kmsRequest } from '../../emulator/kms/kms-request.ts';
import { assumeRoleRequests } from '../../emulator/sts/sts-request.ts';
import type { TableModel } from '../../emulator/cloudformation/data-model.ts';
import { readModel, type Model } from '../../emulator/cloudformation/model.ts';
import { testAssembly } from '../e2e/runtime.ts';

/** What a case is judged with; the META test takes statements out of it. */
const PARTS = [
  'tenantPolicy',
  'tenantTrust',
  'writerPolicy',
  'writerTrust',
  'appPolicy',
  'appTrust',
  'webhookPolicy',
  'webhookTrust',
  'connectPolicy',
  'eventsPolicy',
  'keyPolicy',
] as const;
type World = Readonly<Record<(typeof PARTS)[number], readonly Statement[]>>;

let model: Model;
let world: World;
let tenantRole: Role;
let writerRole: Role;
let appRole: Role;
let webhookRole: Role;
let connectRole: Role;
let eventsRole: Role;
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
const appTags = (tenant = own) => without(tagsOf(tenant), SESSION_TAGS.user);
const without = (tags: Record<string, string>, key: string) =>
  Object.fromEntries(Object.entries(tags).filter(([k]) => k !== key));

beforeAll(async () => {
  model = readModel(await testAssembly());
  const role = (part: string): Role => {
    const found = [...model.roles.values()].find(({ arn }) => roleName(arn).includes(part));
    if (found === undefined) throw new Error(`no role ${part}`);
    return found;
  };
  [tenantRole, writerRole, appRole] = [role('TenantRole'), role('TenantWriterRole'), role('AppRole')];
  [mcpRole, adminRole, connectRole] = [role('McpRole'), role('AdminRole'), role('ConnectRole')];
  [eventsRole, webhookRole] = [role('EventsRole'), role('WebhookRole')];
  const [key] = model.keys;
  if (key === undefined || model.keys.length !== 1) throw new Error('not one key');
  keyArn = key.arn;
  const table = (part: string): TableModel => {
    const found = model.tables.find(({ name }) => name.includes(part));
    if (found === undefined) throw new Error(`no table ${part}`);
    return found;
  };
  [tenantsTable, keysTable] = [table('TenantsTable'), table('KeysTable')];
  const policy = ({ policies }: Role) => policies.flatMap(({ statements }) => statements);
  world = {
    tenantPolicy: policy(tenantRole),
    tenantTrust: tenantRole.trust.statements,
    writerPolicy: policy(writerRole),
    writerTrust: writerRole.trust.statements,
    appPolicy: policy(appRole),
    appTrust: appRole.trust.statements,
    webhookPolicy: policy(webhookRole),
    webhookTrust: webhookRole.trust.statements,
    connectPolicy: policy(connectRole).filter(isAboutData),
    eventsPolicy: policy(eventsRole).filter(isAboutData),
    keyPolicy: key.policy.statements,
  };
}, 180_000);

/** A function's log is in the other stack; and a trust policy that names a role of the same account is enough to become it. */
function isAboutData({ sid, actions }: Statement): boolean {
  return sid !== 'WriteOwnLog' && actions?.includes('sts:AssumeRole') !== true;
}

const session = (role: Role, tags: Record<string, string>): AwsSession => ({
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
  ask: (roles: Map<string, Role>, by: AwsSession) => void,
): boolean {
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
  (operation: string, encryptionContext: Record<string, string>, role = () => tenantRole) =>
  (in_: World): boolean => {
    const everything = ADMINISTRATOR.policies.flatMap(({ statements }) => statements);
    const policies = { tenantPolicy: everything, writerPolicy: everything, appPolicy: everything };
    const wide = { ...in_, ...policies, webhookPolicy: everything };
    const tags = [appRole, webhookRole].includes(role()) ? appTags() : tagsOf();
    return kms(operation, encryptionContext, role, tags)(wide);
  };
/** The role's policy stands alone: what is left when someone takes the denials out of the key's. */
const undenied =
  (operation: string, encryptionContext: Record<string, string>, role: () => Role, tags: Record<string, string>) =>
  (in_: World): boolean =>
    kms(operation, encryptionContext, role, tags)({ ...in_, keyPolicy: in_.keyPolicy.filter(isAllowing) });
const isAllowing = ({ effect }: Statement): boolean => effect === 'Allow';
const assume =
  (tags: Record<string, string>, role = () => mcpRole, wanted = () => tenantRole) =>
  (in_: World): boolean =>
    may(in_, role(), {}, (roles, by) => {
      const asked = { roleArn: wanted().arn, sessionName: 'tenant', tags, transitiveTagKeys: [] };
      const trust = roles.get(wanted().arn)?.trust;
      for (const one of assumeRoleRequests(asked)) authorize(by, roles, one, trust, 'AccessDenied', 403);
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

const sealed = (owner: Parameters<typeof appContext>[0]): Record<string, string> => ({ ...appContext(owner, 'p') });
const signing = (client: string): Record<string, string> => ({ ...webhookContext(client) });
const asWriter = [() => writerRole, tagsOf()] as const;
const asApp = [() => appRole, appTags()] as const;
const asWebhook = [() => webhookRole, appTags(solo)] as const;
const asConnect = [() => connectRole, {}] as const;
const asEvents = [() => eventsRole, {}] as const;
const ticketOwner = `${PARTITIONS.pending}TICKET#x`;
const grant = `${PARTITIONS.pending}GRANT#x`;
const outbox = `${PARTITIONS.outbox}acme`;
const apps = `${PARTITIONS.app}acme`;
const receivers = `${PARTITIONS.directory}EVENTS`;
/** With the row as it was, which may be another's. */
const andAsk = (payload: (table: string) => Record<string, unknown>) => (table: string) => ({
  ...payload(table),
  ReturnValues: 'ALL_OLD',
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
  // Invitations and events.
  ['a tenant names whose an invitation is', true, dynamo('PutItem', put(ticketOwner))],
  ['a tenant names whose an invitation is and asks whose it was', false, dynamo('PutItem', andAsk(put(ticketOwner)))],
  ['a tenant looks an invitation up', false, dynamo('GetItem', get(ticketOwner))],
  ['a tenant removes an invitation by its hash', false, dynamo('DeleteItem', get(ticketOwner))],
  ['a tenant forges a consent', false, dynamo('PutItem', put(grant))],
  ['a tenant writes without naming a partition', false, dynamo('PutItem', (TableName) => ({ TableName, Item: {} }))],
  ['a tenant announces for its client', true, dynamo('PutItem', put(outbox))],
  ['a tenant takes an announcement back', true, dynamo('DeleteItem', get(outbox))],
  ['a tenant reads what is announced', false, dynamo('Query', query(outbox))],
  ['a tenant takes an announcement back and asks what it was', false, dynamo('DeleteItem', andAsk(get(outbox)))],
  ['a tenant announces and asks what was there', false, dynamo('PutItem', andAsk(put(outbox)))],
  ['a tenant announces for another client', false, dynamo('PutItem', put(`${PARTITIONS.outbox}rival`))],
  ['a tenant removes without naming a partition', false, dynamo('DeleteItem', (TableName) => ({ TableName, Key: {} }))],
  // The pages' session of one tenant.
  ['a page reads a row of its tenant', true, dynamo('GetItem', get(own), ...asWriter)],
  ['a page lists the rows of its tenant', true, dynamo('Query', query(own), ...asWriter)],
  ['a page writes a row of its tenant', true, dynamo('PutItem', put(own), ...asWriter)],
  ['a page changes a row of its tenant', true, dynamo('UpdateItem', update(own, 'UPDATED_NEW'), ...asWriter)],
  ['a page removes a row of its tenant', true, dynamo('DeleteItem', get(own), ...asWriter)],
  ['a page reads another user', false, dynamo('GetItem', get(otherUser), ...asWriter)],
  ['a page writes to another client', false, dynamo('PutItem', put(otherClient), ...asWriter)],
  ['a page scans the table', false, dynamo('Scan', (TableName) => ({ TableName }), ...asWriter)],
  [
    'a page writes without naming a partition',
    false,
    dynamo('PutItem', (TableName) => ({ TableName, Item: {} }), ...asWriter),
  ],
  [
    'a page removes without naming a partition',
    false,
    dynamo('DeleteItem', (TableName) => ({ TableName, Key: {} }), ...asWriter),
  ],
  [
    'a page gets without naming a partition',
    false,
    dynamo('GetItem', (TableName) => ({ TableName, Key: {} }), ...asWriter),
  ],
  ['an operator names whose an invitation is', true, dynamo('PutItem', put(ticketOwner), ...asWriter)],
  [
    'an operator names whose an invitation is and asks whose it was',
    false,
    dynamo('PutItem', andAsk(put(ticketOwner)), ...asWriter),
  ],
  ['a page forges a consent as its tenant', false, dynamo('PutItem', put(grant), ...asWriter)],
  ['a page announces for its client', true, dynamo('PutItem', put(outbox), ...asWriter)],
  ['a page takes an announcement back', true, dynamo('DeleteItem', get(outbox), ...asWriter)],
  [
    'a page takes an announcement back and asks what it was',
    false,
    dynamo('DeleteItem', andAsk(get(outbox)), ...asWriter),
  ],
  ['a page announces for another client', false, dynamo('PutItem', put(`${PARTITIONS.outbox}rival`), ...asWriter)],
  ['a page makes a data key for its tenant', true, kms('GenerateDataKey', context(), ...asWriter)],
  ['a page makes a data key for another user', false, kms('GenerateDataKey', context(otherUser), ...asWriter)],
  ['a page makes a data key for another organization', false, kms('GenerateDataKey', context(otherOrg), ...asWriter)],
  ['a page makes a data key for another client', false, kms('GenerateDataKey', context(otherClient), ...asWriter)],
  ['a page opens an envelope of its tenant', false, kms('Decrypt', context(), ...asWriter)],
  ['a page whose policy was widened opens an envelope', false, widened('Decrypt', context(), () => writerRole)],
  [
    'a page whose policy was widened seals the secret of an app',
    false,
    widened('GenerateDataKey', sealed({}), () => writerRole),
  ],
  // The connect function itself.
  ['the connect function finds an invitation', true, dynamo('GetItem', get(ticketOwner), ...asConnect)],
  ['the connect function lists invitations', false, dynamo('Query', query(ticketOwner), ...asConnect)],
  ['the connect function names whose an invitation is', false, dynamo('PutItem', put(ticketOwner), ...asConnect)],
  ['the connect function remembers a consent', true, dynamo('PutItem', put(grant), ...asConnect)],
  ['the connect function takes a consent', true, dynamo('DeleteItem', get(grant), ...asConnect)],
  ['the connect function reads a tenant', false, dynamo('GetItem', get(own), ...asConnect)],
  ['the connect function writes to a tenant as itself', false, dynamo('PutItem', put(own), ...asConnect)],
  [
    'the connect function gets without naming a partition',
    false,
    dynamo('GetItem', (TableName) => ({ TableName, Key: {} }), ...asConnect),
  ],
  [
    'the connect function puts without naming a partition',
    false,
    dynamo('PutItem', (TableName) => ({ TableName, Item: {} }), ...asConnect),
  ],
  ['the connect function makes a data key as itself', false, kms('GenerateDataKey', context(), ...asConnect)],
  [
    'the connect function becomes a page of one tenant',
    true,
    assume(
      tagsOf(),
      () => connectRole,
      () => writerRole,
    ),
  ],
  ['the connect function becomes a tenant', false, assume(tagsOf(), () => connectRole)],
  [
    'the connect function reads apps',
    true,
    assume(
      appTags(),
      () => connectRole,
      () => appRole,
    ),
  ],
  [
    'the admin function becomes a page of one tenant',
    true,
    assume(
      tagsOf(),
      () => adminRole,
      () => writerRole,
    ),
  ],
  [
    'the admin function reads apps',
    false,
    assume(
      appTags(),
      () => adminRole,
      () => appRole,
    ),
  ],
  [
    'the MCP function becomes a page',
    false,
    assume(
      tagsOf(),
      () => mcpRole,
      () => writerRole,
    ),
  ],
  [
    'the MCP function reads apps',
    true,
    assume(
      appTags(),
      () => mcpRole,
      () => appRole,
    ),
  ],
  ...[SESSION_TAGS.client, SESSION_TAGS.org, SESSION_TAGS.user].map((tag): Case => [
    `a page of a tenant without ${tag}`,
    false,
    assume(
      without(tagsOf(), tag),
      () => connectRole,
      () => writerRole,
    ),
  ]),
  [
    'an operator of a tenant without a user',
    false,
    assume(
      appTags(),
      () => adminRole,
      () => writerRole,
    ),
  ],
  [
    'an operator of a tenant without a client',
    false,
    assume(
      without(tagsOf(), SESSION_TAGS.client),
      () => adminRole,
      () => writerRole,
    ),
  ],
  [
    'an operator of a tenant without an organization',
    false,
    assume(
      without(tagsOf(), SESSION_TAGS.org),
      () => adminRole,
      () => writerRole,
    ),
  ],
  [
    'an operator with one more tag',
    false,
    assume(
      { ...tagsOf(), extra: 'x' },
      () => adminRole,
      () => writerRole,
    ),
  ],
  [
    'a page with one more tag',
    false,
    assume(
      { ...tagsOf(), extra: 'x' },
      () => connectRole,
      () => writerRole,
    ),
  ],
  ...[() => mcpRole, () => connectRole].flatMap((role): Case[] => [
    ['apps of no client', false, assume(without(appTags(), SESSION_TAGS.client), role, () => appRole)],
    ['apps of no organization', false, assume(without(appTags(), SESSION_TAGS.org), role, () => appRole)],
    ['apps for a user', false, assume(tagsOf(), role, () => appRole)],
    ['webhooks by who reads apps', false, assume(appTags(solo), role, () => webhookRole)],
  ]),
  // Deliveries.
  ['the events function finds what waits', true, dynamo('Query', query(outbox), ...asEvents)],
  ['the events function takes the right to deliver', true, dynamo('UpdateItem', update(outbox), ...asEvents)],
  ['the events function removes what is delivered', true, dynamo('DeleteItem', get(outbox), ...asEvents)],
  ['the events function announces', false, dynamo('PutItem', put(outbox), ...asEvents)],
  ['the events function finds who receives', true, dynamo('Query', query(receivers), ...asEvents)],
  ['the events function makes a receiver', false, dynamo('PutItem', put(receivers), ...asEvents)],
  ['the events function lists clients', false, dynamo('Query', query(`${PARTITIONS.directory}CLIENTS`), ...asEvents)],
  ['the events function reads a tenant', false, dynamo('Query', query(own), ...asEvents)],
  ['the events function changes a tenant', false, dynamo('UpdateItem', update(own), ...asEvents)],
  ['the events function reads a webhook as itself', false, dynamo('Query', query(apps), ...asEvents)],
  [
    'the events function lists without naming a partition',
    false,
    dynamo('Query', (TableName) => ({ TableName }), ...asEvents),
  ],
  ['the events function opens an envelope as itself', false, kms('Decrypt', sealed({}), ...asEvents)],
  [
    'the events function opens webhooks',
    true,
    assume(
      appTags(solo),
      () => eventsRole,
      () => webhookRole,
    ),
  ],
  ...(
    [without(appTags(solo), SESSION_TAGS.client), without(appTags(solo), SESSION_TAGS.org), tagsOf(solo)] as const
  ).map((tags): Case => [
    'the events function opens webhooks of no client, of no organization, or for a user',
    false,
    assume(
      tags,
      () => eventsRole,
      () => webhookRole,
    ),
  ]),
  [
    'the events function reads apps',
    false,
    assume(
      appTags(solo),
      () => eventsRole,
      () => appRole,
    ),
  ],
  ...[() => tenantRole, () => writerRole].map((role): Case => [
    'the events function becomes a tenant or a page',
    false,
    assume(tagsOf(), () => eventsRole, role),
  ]),
  ['a delivery reads the webhook of its client', true, dynamo('GetItem', get(apps), ...asWebhook)],
  ['a delivery lists the apps of its client', false, dynamo('Query', query(apps), ...asWebhook)],
  ['a delivery changes a webhook', false, dynamo('UpdateItem', update(apps), ...asWebhook)],
  [
    'a delivery reads the webhook of another client',
    false,
    dynamo('GetItem', get(`${PARTITIONS.app}rival`), ...asWebhook),
  ],
  [
    'a delivery reads what belongs to the platform',
    false,
    dynamo('GetItem', get(`${PARTITIONS.app}=platform`), ...asWebhook),
  ],
  ['a delivery reads a tenant', false, dynamo('GetItem', get(solo), ...asWebhook)],
  [
    'a delivery gets without naming a partition',
    false,
    dynamo('GetItem', (TableName) => ({ TableName, Key: {} }), ...asWebhook),
  ],
  ['a delivery opens the secret of its client', true, kms('Decrypt', signing('acme'), ...asWebhook)],
  ['a delivery opens the secret of another client', false, kms('Decrypt', signing('rival'), ...asWebhook)],
  [
    'a delivery opens the secret of an organization',
    false,
    kms('Decrypt', { ...signing('acme'), org: 'o1' }, ...asWebhook),
  ],
  ["a delivery opens the secret of its client's app", false, kms('Decrypt', sealed({ client: 'acme' }), ...asWebhook)],
  ["a delivery opens the platform's app", false, kms('Decrypt', sealed({}), ...asWebhook)],
  ['a delivery opens a credential', false, kms('Decrypt', context(solo), ...asWebhook)],
  ['a delivery whose policy was widened opens a credential', false, widened('Decrypt', context(), () => webhookRole)],
  [
    'a delivery whose policy was widened seals a secret',
    false,
    widened('GenerateDataKey', signing('acme'), () => webhookRole),
  ],
  ['a delivery opens a credential under a weak key', false, undenied('Decrypt', context(solo), ...asWebhook)],
  [
    "a delivery opens what seems a tenant's webhook under a weak key",
    false,
    undenied('Decrypt', { ...signing('acme'), user: tenantTags(solo).user }, ...asWebhook),
  ],
  // Apps.
  ['a session of apps reads those of its client', true, dynamo('GetItem', get(apps), ...asApp)],
  ['a session of apps lists those of its client', true, dynamo('Query', query(apps), ...asApp)],
  [
    'a session of apps reads those of the platform',
    true,
    dynamo('GetItem', get(`${PARTITIONS.app}=platform`), ...asApp),
  ],
  [
    'a session of apps reads those of another client',
    false,
    dynamo('GetItem', get(`${PARTITIONS.app}rival`), ...asApp),
  ],
  ['a session of apps writes', false, dynamo('PutItem', put(apps), ...asApp)],
  ['a session of apps reads a tenant', false, dynamo('GetItem', get(own), ...asApp)],
  [
    'a session of apps gets without naming a partition',
    false,
    dynamo('GetItem', (TableName) => ({ TableName, Key: {} }), ...asApp),
  ],
  [
    "a session of apps opens its organization's secret",
    true,
    kms('Decrypt', sealed({ client: 'acme', org: 'o1' }), ...asApp),
  ],
  ["a session of apps opens its client's secret", true, kms('Decrypt', sealed({ client: 'acme' }), ...asApp)],
  ["a session of apps opens the platform's secret", true, kms('Decrypt', sealed({}), ...asApp)],
  [
    "a session of apps opens another organization's secret",
    false,
    kms('Decrypt', sealed({ client: 'acme', org: 'o2' }), ...asApp),
  ],
  ["a session of apps opens another client's secret", false, kms('Decrypt', sealed({ client: 'rival' }), ...asApp)],
  ['a session of apps opens the secret of a webhook', false, kms('Decrypt', signing('acme'), ...asApp)],
  ['a session of apps opens a credential', false, kms('Decrypt', context(), ...asApp)],
  [
    'a session of apps whose policy was widened opens a credential',
    false,
    widened('Decrypt', context(), () => appRole),
  ],
  [
    'a session of apps whose policy was widened seals a secret',
    false,
    widened('GenerateDataKey', sealed({}), () => appRole),
  ],
  ['a tenant role whose own policy was widened opens the secret of an app', false, widened('Decrypt', sealed({}))],
  ['a session of apps opens a credential under a weak key', false, undenied('Decrypt', context(), ...asApp)],
  ['the admin function seals the secret of an app', true, kms('GenerateDataKey', sealed({}), () => adminRole)],
  ['the admin function reads it back', false, kms('Decrypt', sealed({}), () => adminRole)],
  ['the admin function makes a data key for a tenant', false, kms('GenerateDataKey', context(), () => adminRole)],
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
  const failing = (changed: World): number => CASES.filter(([, allowed, judge]) => judge(changed) !== allowed).length;
  const replaced = (part: keyof World, statement: Statement, by: readonly Statement[]): World => ({
    ...world,
    [part]: world[part].flatMap((one) => (one === statement ? by : [one])),
  });

  it.each(PARTS)('a case fails when any statement of %s is removed', (part) => {
    expect(world[part].length).toBeGreaterThan(0);
    const unproven = world[part].filter((statement) => failing(replaced(part, statement, [])) === 0);
    expect(unproven).toEqual([]);
  });

  it.each(PARTS)('a case fails when any condition of %s is removed', (part) => {
    const unproven = world[part].flatMap((statement) =>
      statement.conditions
        .filter((condition) => {
          const weaker = { ...statement, conditions: statement.conditions.filter((one) => one !== condition) };
          return failing(replaced(part, statement, [weaker])) === 0;
        })
        .map(({ operator, key }) => `${operator} ${key}`),
    );
    // All tags are asked for by name, so that there are any follows; it is written out for the reader.
    expect(new Set(unproven)).toEqual(new Set(part.endsWith('Trust') ? ['Null aws:TagKeys'] : []));
  });

  it.each(PARTS.filter((part) => part.endsWith('Policy') && part !== 'keyPolicy'))(
    'a case fails when any action of %s is taken away',
    (part) => {
      const unproven = world[part].flatMap((statement) =>
        (statement.actions ?? []).filter((action) => {
          const narrower = { ...statement, actions: (statement.actions ?? []).filter((one) => one !== action) };
          return failing(replaced(part, statement, [narrower])) === 0;
        }),
      );
      expect(unproven).toEqual([]);
    },
  );
});
