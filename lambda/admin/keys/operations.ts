/** What the endpoints about keys do: those of clients, and those of operators. */
import type { AdminFault } from '../../../core/tenant/admin-fault.ts';
import type { ApiKeyRecord } from '../../../core/keys/api-key.ts';
import { noSuchKey, type StoredKey } from '../../../core/keys/key-admin.ts';
import type { OperatorPrincipal } from '../../../core/keys/principal.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { Given } from '../resource/endpoint.ts';
import { mapped, mayManage, pageOfCovered, type AdminDeps, type Operations } from '../resource/operation.ts';
import { pageReply, plainPage } from '../resource/paging.ts';
import type { KEY_ENDPOINTS } from './contract.ts';
import { toKeyFields, toKeyJson, toOperatorJson } from './json.ts';

const KEY_ID = /^[A-Za-z0-9_]{1,40}$/;

export function keyOperations({ keys, clients, clock }: AdminDeps): Operations<typeof KEY_ENDPOINTS> {
  /** The key behind a public id, when this operator manages its client. */
  async function ownKey(
    { params, query }: Pick<Given<(typeof KEY_ENDPOINTS)['revokeKey']>, 'params' | 'query'>,
    operator: OperatorPrincipal,
  ): Promise<Result<StoredKey<ApiKeyRecord>, AdminFault>> {
    const key = KEY_ID.test(params.id) ? await keys.findKey(params.id) : undefined;
    if (key === undefined) return fail(noSuchKey());
    const refused = mayManage(operator, key.record.clientId);
    if (refused !== undefined) return refused;
    return query.client === undefined || query.client === key.record.clientId ? ok(key) : fail(noSuchKey());
  }

  return {
    async listKeys({ query }, { operator }) {
      return pageOfCovered('keys', { clients, operator, query }, async (client, ask) => {
        const { rows, next } = await keys.listKeys(client, ask);
        return { rows: rows.map((key) => toKeyJson(key, clock())), next };
      });
    },

    async createKey({ body }, { operator }) {
      const refused = mayManage(operator, body.client);
      if (refused !== undefined) return refused;
      const { client: clientId, type, org, name, expires_in: lifetime, rpm, monthly, confirm } = body;
      const orgs = org === undefined ? undefined : [...new Set(org)];
      const requireUser = body.require_user === true ? true : undefined;
      const scope = { clientId, type, orgs, requireUser };
      const made = await keys.createKey({ ...scope, name, lifetime, limits: { rpm, monthly }, confirm });
      return mapped(made, ({ key, record, madeClient }) => ({
        ...toKeyFields(record, clock()),
        key,
        client_created: madeClient,
      }));
    },

    async changeKey(given, { operator }) {
      const found = await ownKey(given, operator);
      if (!found.ok) return found;
      const { expires_in: lifetime, ...change } = given.body;
      return mapped(await keys.changeKey(found.value, { ...change, lifetime }), (key) => toKeyJson(key, clock()));
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

    async listOperators({ query }) {
      return pageReply('operators', query, (start) =>
        plainPage(start, async (ask) => {
          const { rows, next } = await keys.listOperators(ask);
          return { rows: rows.map(({ record }) => toOperatorJson(record, clock())), next };
        }),
      );
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
  };
}
