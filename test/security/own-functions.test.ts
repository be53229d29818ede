/** What a function's role is good for in a function that is not its own: one that somebody made with it, say. */
import { describe, expect, it } from '@jest/globals';
import { itemKeys } from '../../adapters/aws/schema.ts';
import { tenantTags } from '../../core/tenant/tenant.ts';
import { appContext } from '../../core/vault/app-owner.ts';
import type { AwsSession } from '../../emulator/iam/credentials.ts';
import { KEYS_TABLE, mayBecome, mayCall, mayUseKey, model, sessionOf, tagsFor, type RoleName } from './access.ts';
import { ann, onRow } from './reach.ts';

const become = (role: RoleName) => (session: AwsSession) => mayBecome(session, role, tagsFor(role, tenantTags(ann)));
const rowOf = (pk: string) => ({ TableName: KEYS_TABLE, Key: { pk: { S: pk } }, Item: { pk: { S: pk } } });

/** Something that each function does, of every kind that it does. */
const DOES: readonly (readonly [role: RoleName, what: string, may: (session: AwsSession) => boolean])[] = [
  ['AuthorizerRole', 'look a key up', (session) => mayCall(session, 'GetItem', rowOf('KEY#x'))],
  ['McpRole', 'become a tenant', become('TenantRole')],
  ['McpRole', 'read apps', become('AppRole')],
  ['ConnectRole', 'store for a tenant', become('TenantWriterRole')],
  [
    'ConnectRole',
    'find an invitation',
    (session) => mayCall(session, 'GetItem', onRow('GetItem', itemKeys.pending.connectLinkOwner('a'))),
  ],
  ['EventsRole', 'open webhooks', become('WebhookRole')],
  [
    'EventsRole',
    'deliver events',
    (session) => mayCall(session, 'Query', onRow('Query', itemKeys.outbox.event('acme', 'at', 'id'))),
  ],
  ['AdminRole', 'make keys', (session) => mayCall(session, 'PutItem', rowOf('KEY#x'))],
  ['AdminRole', 'manage a tenant', become('TenantWriterRole')],
  [
    'AdminRole',
    'seal the secret of an app',
    (session) => mayUseKey(session, 'GenerateDataKey', { ...appContext({ client: 'acme' }, 'p') }),
  ],
  ['TenantKeysRole', 'make tenant keys', (session) => mayCall(session, 'PutItem', rowOf('TKEY#x'))],
];

const roleNameOf = (roleArn: string): RoleName | undefined =>
  DOES.map(([role]) => role).find((role) => new RegExp(`FunctionRoles${role}`).test(roleArn));

describe("a function's role", () => {
  it('reaches nothing from any function but its own, and nothing outside one', () => {
    const strange = `arn:aws:lambda:${model.place.region}:${model.place.account}:function:made-by-somebody`;
    for (const [role, what, may] of DOES) {
      const own = model.functions.filter((fn) => roleNameOf(fn.roleArn) === role);
      expect([role, own.length > 0]).toEqual([role, true]);
      const others = model.functions.filter((fn) => !own.includes(fn));
      const allowed = [...own, ...others]
        .filter(({ arn }) => may(sessionOf(role, undefined, arn)))
        .map(({ name }) => name);
      expect([role, what, allowed]).toEqual([role, what, own.map(({ name }) => name)]);
      for (const functionArn of [null, strange, `${own[0]?.arn}:1`, `${own[0]?.arn}x`])
        expect([role, what, functionArn, may(sessionOf(role, undefined, functionArn))]).toEqual([
          role,
          what,
          functionArn,
          false,
        ]);
    }
  });

  it('is named here for every function of the template, so that a new one cannot be forgotten', () => {
    for (const { name, roleArn } of model.functions) expect([name, roleNameOf(roleArn)]).not.toEqual([name, undefined]);
  });
});
