/**
 * What each endpoint of the contract does. Every operation that names a client, or a key of one, asks `mayManage`
 * first; a list that names none covers exactly the clients the operator manages.
 */
import type { AdminFault } from '../../core/tenant/admin-fault.ts';
import type { ApiKeyRecord } from '../../core/keys/api-key.ts';
import { ClientPolicy } from '../../core/tenant/client.ts';
import { changePolicy, createClient, noSuchClient } from '../../core/tenant/client-admin.ts';
import { noSuchKey, type StoredKey } from '../../core/keys/key-admin.ts';
import type { OperatorPrincipal } from '../../core/keys/principal.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { appOperations } from './oauth-apps/operations.ts';
import { connectionOperations } from './connections/operations.ts';
import type { Contract } from './contract.ts';
import type { Given } from './resource/endpoint.ts';
import { eventOperations } from './events/operations.ts';
import { openApi } from './openapi.ts';
import { coveredClients, mapped, mayManage, type AdminDeps, type Operations } from './resource/operation.ts';
import { settingsOperations } from './settings/operations.ts';
import { toClientJson, toIssueJson, toKeyFields, toKeyJson, toOperatorJson } from './wire.ts';

const KEY_ID = /^[A-Za-z0-9_]{1,40}$/;

export function createOperations(deps: AdminDeps): Operations<Contract> {
  const { keys, clients, copies, clock } = deps;

  /** The key behind a public id, when this operator manages its client. */
  async function ownKey(
    { params, query }: Pick<Given<Contract['revokeKey']>, 'params' | 'query'>,
    operator: OperatorPrincipal,
  ): Promise<Result<StoredKey<ApiKeyRecord>, AdminFault>> {
    const key = KEY_ID.test(params.id) ? await keys.findKey(params.id) : undefined;
    if (key === undefined) return fail(noSuchKey());
    const refused = mayManage(operator, key.record.clientId);
    if (refused !== undefined) return refused;
    return query.client === undefined || query.client === key.record.clientId ? ok(key) : fail(noSuchKey());
  }

  return {
    async listClients(_given, { operator }) {
      if (operator.clientId === undefined) return ok({ clients: (await clients.list()).map(toClientJson) });
      const own = await clients.find(operator.clientId);
      return ok({ clients: own === undefined ? [] : [toClientJson(own)] });
    },

    async createClient({ body }, { operator }) {
      const refused = mayManage(operator, body.id);
      if (refused !== undefined) return refused;
      const policy = ClientPolicy.parse(body.policy ?? {});
      const record = { id: body.id, createdAt: new Date(clock()).toISOString(), policy };
      return mapped(await createClient(clients, record), toClientJson);
    },

    async getClient({ params }, { operator }) {
      const refused = mayManage(operator, params.id);
      if (refused !== undefined) return refused;
      const client = await clients.find(params.id);
      return client === undefined ? fail(noSuchClient()) : ok(toClientJson(client));
    },

    async changeClient({ params, body }, { operator }) {
      const refused = mayManage(operator, params.id);
      return refused ?? mapped(await changePolicy(clients, copies, params.id, body.policy), toClientJson);
    },

    async listKeys({ query }, { operator }) {
      const covered = await coveredClients(clients, operator, query.client);
      if (!covered.ok) return covered;
      const rows = [];
      for (const client of covered.value)
        rows.push(...(await keys.listKeys(client)).map((key) => toKeyJson(key, clock())));
      return ok({ keys: rows });
    },

    async createKey({ body }, { operator }) {
      const refused = mayManage(operator, body.client);
      if (refused !== undefined) return refused;
      const { client: clientId, type, org, name, expires_in: lifetime, rpm, monthly, confirm } = body;
      const orgs = org === undefined ? undefined : [...new Set(org)];
      const made = await keys.createKey({ clientId, type, orgs, name, lifetime, limits: { rpm, monthly }, confirm });
      return mapped(made, ({ key, record, madeClient }) => ({
        ...toKeyFields(record, clock()),
        key,
        client_created: madeClient,
      }));
    },

    async revokeKey(given, { operator }) {
      const found = await ownKey(given, operator);
      return found.ok ? mapped(await keys.revokeKey(found.value), (key) => toKeyJson(key, clock())) : found;
    },

    async rotateKey(given, { operator }) {
      const found = await ownKey(given, operator);
      if (!found.ok) return found;
      return mapped(await keys.rotateKey(found.value, given.body.grace), ({ key, record, replaced }) => ({
        ...toKeyFields(record, clock()),
        key,
        replaces: toKeyJson({ ...found.value, record: replaced }, clock()),
      }));
    },

    async listOperators() {
      return ok({ operators: (await keys.listOperators()).map(({ record }) => toOperatorJson(record, clock())) });
    },

    async createOperator({ body }) {
      const scope = body.client === undefined ? 'all' : { clientId: body.client };
      const { key, record } = await keys.createOperator({ scope, name: body.name, lifetime: body.expires_in });
      return ok({ ...toOperatorJson(record, clock()), operator_key: key });
    },

    async revokeOperator({ params }) {
      if (!KEY_ID.test(params.id)) return fail(noSuchKey());
      return mapped(await keys.revokeOperator(params.id), ({ record }) => toOperatorJson(record, clock()));
    },

    async listIssues({ query }, { operator }) {
      const covered = await coveredClients(clients, operator, query.client);
      if (!covered.ok) return covered;
      const issues = [];
      for (const client of covered.value) issues.push(...(await clients.issues(client)));
      return ok({ issues: issues.toSorted((a, b) => (a.at < b.at ? 1 : -1)).map(toIssueJson) });
    },

    ...appOperations(deps),
    ...settingsOperations(deps),
    ...connectionOperations(deps),
    ...eventOperations(deps),

    async describeApi() {
      return ok(openApi());
    },
  };
}
