/** Which rows and operations a role of the synthesized template reaches, for any two tenants. */
import fc from 'fast-check';
import { KEY_PARTITIONS, PARTITIONS } from '../../adapters/aws/schema.ts';
import { idProblem, tenantId, tenantTags, type TenantId } from '../../core/tenant/tenant.ts';
import { mayCall } from './access.ts';
import { sessionOf, TENANTS_TABLE, type RoleName } from './access.ts';

export const ann = tenantId({ client: 'acme', org: 'jsm', user: 'ann' });
export const tenantSession = (tenant: TenantId) => sessionOf('TenantRole', tenantTags(tenant));

/** Ids as a caller may send them, with those that would reach into the next part if they could. */
export const id = fc
  .oneof(
    fc.constantFrom('a', 'b', 'a#b', '#', '*', '?', '=', '=h', '${aws:username}', 'T#a', '😀'),
    fc.string({ minLength: 1 }),
  )
  .filter((text) => idProblem(text) === undefined);
export const absent = fc.option(id, { nil: undefined });
export const parts = fc.record({ client: id, org: absent, user: absent });
export const tenant = parts.map(tenantId);

/** Two tenants: any two, and above all two that differ in one part only. */
export const twoTenants = fc
  .oneof(
    fc.tuple(parts, parts),
    fc
      .tuple(fc.record({ client: id, org: id, user: id }), fc.constantFrom('client', 'org', 'user'), id)
      .map(([own, part, other]) => [own, { ...own, [part]: other }] as const),
  )
  .map(([own, other]) => [tenantId(own), tenantId(other)] as const)
  .filter(([own, other]) => own !== other);

export const OPERATIONS = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'] as const;

export const BULK = [
  'Scan',
  'BatchGetItem',
  'BatchWriteItem',
  'TransactGetItems',
  'PartiQLSelect',
  'PartiQLUpdate',
  'ExportTableToPointInTime',
];

/** A partition of every kind that there is, in either table. */
export const EVERY_PARTITION: readonly string[] = [
  ann,
  ...Object.values(PARTITIONS).map((prefix) => `${prefix}acme`),
  ...Object.values(KEY_PARTITIONS).map((prefix) => `${prefix}x`),
  `${PARTITIONS.pending}TICKET#x`,
  `${PARTITIONS.pending}GRANT#x`,
  `${PARTITIONS.directory}CLIENTS`,
  `${PARTITIONS.directory}EVENTS`,
  `${PARTITIONS.shared}acme#ISSUES`,
];

/** A call on one row of the Tenants table, or on its partition. */
export function onRow(operation: (typeof OPERATIONS)[number], { pk, sk = 'x' }: { pk: string; sk?: string }) {
  const row = { pk: { S: pk }, sk: { S: sk } };
  if (operation === 'Query')
    return {
      TableName: TENANTS_TABLE,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': { S: pk }, ':sk': { S: sk } },
    };
  return { TableName: TENANTS_TABLE, [operation === 'PutItem' ? 'Item' : 'Key']: row };
}

export const ASSUMED: readonly RoleName[] = ['TenantRole', 'TenantWriterRole', 'AppRole', 'WebhookRole'];
/** Who may take on which role; everything that is not here is refused. */
export const MAY_BECOME: Readonly<Partial<Record<RoleName, readonly RoleName[]>>> = {
  McpRole: ['TenantRole', 'AppRole'],
  ConnectRole: ['TenantWriterRole', 'AppRole'],
  EventsRole: ['WebhookRole'],
  AdminRole: ['TenantWriterRole'],
};

export function reaches(role: RoleName, row: { pk: string; sk?: string }, tags = tenantTags(ann)): readonly string[] {
  const session = sessionOf(role, ASSUMED.includes(role) ? tags : undefined);
  return OPERATIONS.filter((operation) => mayCall(session, operation, onRow(operation, row)));
}
