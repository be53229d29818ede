/** The roles, tables and key of the template that `npm start` serves, and the statements that cases are judged with. */
import { roleName } from '../../../emulator/iam/credentials.ts';
import type { Role } from '../../../emulator/iam/authorize.ts';
import type { Statement } from '../../../emulator/iam/document.ts';
import { parsePolicy } from '../../../emulator/iam/document.ts';
import type { TableModel } from '../../../emulator/cloudformation/data-model.ts';
import { readModel } from '../../../emulator/cloudformation/model.ts';
import { testAssembly } from '../../e2e/runtime.ts';

/** What a case is judged with; the META test takes statements out of it. */
export const PARTS = [
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
export type World = Readonly<Record<(typeof PARTS)[number], readonly Statement[]>>;

export const model = readModel(await testAssembly());

const role = (part: string): Role => {
  const found = [...model.roles.values()].find(({ arn }) => roleName(arn).includes(part));
  if (found === undefined) throw new Error(`no role ${part}`);
  return found;
};
export const [tenantRole, writerRole, appRole] = [role('TenantRole'), role('TenantWriterRole'), role('AppRole')];
export const [mcpRole, adminRole, connectRole] = [role('McpRole'), role('AdminRole'), role('ConnectRole')];
export const [eventsRole, webhookRole] = [role('EventsRole'), role('WebhookRole')];

/** An administrator: every permission of the account, by an identity policy. */
export const ADMINISTRATOR: Role = {
  arn: 'arn:aws:iam::000000000000:role/Administrator',
  trust: parsePolicy({ Statement: [] }),
  policies: [parsePolicy({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] })],
  maxSessionSeconds: 3600,
};

const table = (part: string): TableModel => {
  const found = model.tables.find(({ name }) => name.includes(part));
  if (found === undefined) throw new Error(`no table ${part}`);
  return found;
};
export const [tenantsTable, keysTable] = [table('TenantsTable'), table('KeysTable')];

const onlyKey = () => {
  const [key] = model.keys;
  if (key === undefined || model.keys.length !== 1) throw new Error('not one key');
  return key;
};
const key = onlyKey();
export const keyArn = key.arn;

export const policyStatements = ({ policies }: Role): readonly Statement[] =>
  policies.flatMap(({ statements }) => statements);

/** A function's log is in the other stack; and a trust policy that names a role of the same account is enough to become it. */
function isAboutData({ sid, actions }: Statement): boolean {
  return sid !== 'WriteOwnLog' && actions?.includes('sts:AssumeRole') !== true;
}

/** As the template has it. */
export const WORLD: World = {
  tenantPolicy: policyStatements(tenantRole),
  tenantTrust: tenantRole.trust.statements,
  writerPolicy: policyStatements(writerRole),
  writerTrust: writerRole.trust.statements,
  appPolicy: policyStatements(appRole),
  appTrust: appRole.trust.statements,
  webhookPolicy: policyStatements(webhookRole),
  webhookTrust: webhookRole.trust.statements,
  connectPolicy: policyStatements(connectRole).filter(isAboutData),
  eventsPolicy: policyStatements(eventsRole).filter(isAboutData),
  keyPolicy: key.policy.statements,
};
