/** Who reaches what, by the policies of the synthesized template. Each name is a sentence of docs/security.md. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { itemKeys } from '../../adapters/aws/schema.ts';
import { PLATFORM } from '../../core/vault/app-owner.ts';
import { appContext, webhookContext } from '../../core/vault/app-owner.ts';
import { encryptionContext } from '../../core/vault/envelope.ts';
import { tenantId, tenantTags, type TenantId } from '../../core/tenant/tenant.ts';
import { KEYS_TABLE, model, mayBecome, mayCall, mayOnRow, mayUseKey } from './access.ts';
import { ROLES, sessionOf, tagsFor, TENANTS_TABLE } from './access.ts';
import {
  ann,
  tenantSession,
  tenant,
  twoTenants,
  OPERATIONS,
  BULK,
  EVERY_PARTITION,
  onRow,
  ASSUMED,
  MAY_BECOME,
  reaches,
} from './reach.ts';

describe('identity and isolation', () => {
  it('a request to /mcp, /admin or /tenant-keys reaches a function only behind the key authorizer', () => {
    // A preflight carries no key and no body; it is answered without looking at either.
    const reaching = model.api.methods.filter(
      ({ httpMethod, path, integration }) =>
        /^\/(mcp|admin|tenant-keys)\b/.test(path) && httpMethod !== 'OPTIONS' && integration.Type === 'AWS_PROXY',
    );
    expect(reaching.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/mcp', '/admin/v1/{proxy+}', '/tenant-keys']),
    );
    expect(new Set(reaching.map(({ authorizerArn }) => authorizerArn === undefined))).toEqual(new Set([false]));
  });

  it("a tenant's session reads and writes its own partition and no other tenant's", () => {
    fc.assert(
      fc.property(twoTenants, ([own, other]) => {
        const row = (of: TenantId) => itemKeys.tenant.connection(of, 'bitrix24', 'default');
        expect(reaches('TenantRole', row(own), tenantTags(own))).toEqual(OPERATIONS);
        expect(reaches('TenantRole', row(other), tenantTags(own))).toEqual([]);
      }),
    );
  });

  it("a tenant's session opens and makes envelopes under its own context and no other tenant's", () => {
    fc.assert(
      fc.property(twoTenants, fc.constantFrom('Decrypt', 'GenerateDataKey'), ([own, other], operation) => {
        const context = (of: TenantId) => ({ ...encryptionContext(of, 'bitrix24', 'default') });
        expect(mayUseKey(tenantSession(own), operation, context(own))).toBe(true);
        expect(mayUseKey(tenantSession(own), operation, context(other))).toBe(false);
      }),
    );
  });

  it('the MCP function has no permission on any table or key of its own', () => {
    for (const pk of EVERY_PARTITION) {
      expect([pk, reaches('McpRole', { pk })]).toEqual([pk, []]);
      for (const action of [...OPERATIONS, ...BULK])
        expect(mayOnRow(sessionOf('McpRole'), action, KEYS_TABLE, pk)).toBe(false);
    }
    for (const operation of ['Decrypt', 'GenerateDataKey', 'Encrypt'])
      expect(mayUseKey(sessionOf('McpRole'), operation, { ...encryptionContext(ann, 'p', 'c') })).toBe(false);
  });

  it('only the MCP function can become a tenant, and only with all three tags and no other', () => {
    const becoming = ROLES.filter((role) =>
      mayBecome(sessionOf(role, tenantTags(ann)), 'TenantRole', tagsFor('TenantRole', tenantTags(ann))),
    );
    expect(becoming).toEqual(['McpRole']);
    expect(mayBecome(sessionOf('administrator'), 'TenantRole', tagsFor('TenantRole', tenantTags(ann)))).toBe(false);
  });

  it('a session role is taken on by the functions it is for, with exactly its tags, and by nobody else', () => {
    for (const role of ASSUMED) {
      const tags = tagsFor(role, tenantTags(ann));
      for (const by of [...ROLES, 'administrator'] as const) {
        const session = sessionOf(by, by === 'administrator' ? undefined : tenantTags(ann));
        const allowed = by !== 'administrator' && MAY_BECOME[by]?.includes(role) === true;
        expect([by, role, mayBecome(session, role, tags)]).toEqual([by, role, allowed]);
        expect(mayBecome(session, role, { ...tags, more: 'x' })).toBe(false);
        expect(mayBecome(session, role, {})).toBe(false);
        for (const name of Object.keys(tags)) {
          const { [name]: _left, ...fewer } = tags;
          expect(mayBecome(session, role, fewer)).toBe(false);
          expect(mayBecome(session, role, { ...tags, [name]: '' })).toBe(false);
        }
      }
    }
  });

  it('the connect function seals and stores for a tenant and cannot open a credential', () => {
    fc.assert(
      fc.property(twoTenants, ([own, other]) => {
        const writer = sessionOf('TenantWriterRole', tenantTags(own));
        const row = (of: TenantId) => itemKeys.tenant.connection(of, 'bitrix24', 'default');
        expect(reaches('TenantWriterRole', row(own), tenantTags(own))).toEqual(OPERATIONS);
        expect(reaches('TenantWriterRole', row(other), tenantTags(own))).toEqual([]);
        const context = (of: TenantId) => ({ ...encryptionContext(of, 'bitrix24', 'default') });
        expect(mayUseKey(writer, 'GenerateDataKey', context(own))).toBe(true);
        expect(mayUseKey(writer, 'GenerateDataKey', context(other))).toBe(false);
        for (const session of [writer, sessionOf('ConnectRole'), sessionOf('AppRole', tenantTags(own))])
          for (const operation of ['Decrypt', 'ReEncryptFrom', 'CreateGrant'])
            expect(mayUseKey(session, operation, context(own))).toBe(false);
        expect(reaches('ConnectRole', row(own))).toEqual([]);
      }),
    );
  });

  it('what waits for a browser is found by the connect function alone, and a tenant can only name whose an invitation is', () => {
    const [owner, grant] = [itemKeys.pending.connectLinkOwner('a'), itemKeys.pending.grant('a')];
    expect(reaches('ConnectRole', owner)).toEqual(['GetItem', 'DeleteItem']);
    expect(reaches('ConnectRole', grant)).toEqual(['GetItem', 'PutItem', 'DeleteItem']);
    for (const role of ['TenantRole', 'TenantWriterRole'] as const) {
      expect(reaches(role, owner)).toEqual(['PutItem']);
      expect(reaches(role, grant)).toEqual([]);
    }
    for (const role of ['AdminRole', 'McpRole', 'AppRole', 'AuthorizerRole'] as const)
      for (const row of [owner, grant]) expect(reaches(role, row)).toEqual([]);
  });

  it("an OAuth app's secret is opened for its own organization, client or platform only, and by no tenant", () => {
    const [own, other] = [
      { client: 'acme', org: 'jsm' },
      { client: 'acme', org: 'other' },
    ];
    const app = sessionOf('AppRole', tenantTags(ann));
    const opens = (owner: Parameters<typeof appContext>[0]) => mayUseKey(app, 'Decrypt', { ...appContext(owner, 'p') });
    expect([own, { client: 'acme' }, {}].map(opens)).toEqual([true, true, true]);
    expect([other, { client: 'rival' }, { client: 'rival', org: 'jsm' }].map(opens)).toEqual([false, false, false]);
    for (const role of ROLES.filter((one) => one !== 'AppRole'))
      for (const owner of [own, { client: 'acme' }, {}])
        expect(mayUseKey(sessionOf(role, tenantTags(ann)), 'Decrypt', { ...appContext(owner, 'p') })).toBe(false);
  });

  it('the secret that signs events is opened for deliveries of its own client, and by nothing else', () => {
    const solo = tenantTags(tenantId({ client: 'acme' }));
    const opening = (client: string) =>
      ROLES.filter((role) => mayUseKey(sessionOf(role, solo), 'Decrypt', { ...webhookContext(client) }));
    expect([opening('acme'), opening('rival')]).toEqual([['WebhookRole'], []]);
  });

  it('the apps and settings of a client are read for its own organizations, and written by the admin function alone', () => {
    const row = itemKeys.app.oauthApp({ client: 'acme', org: 'jsm' }, 'p');
    expect(reaches('AppRole', row)).toEqual(['GetItem', 'Query']);
    expect(reaches('AppRole', { pk: `A#${PLATFORM}` })).toEqual(['GetItem', 'Query']);
    expect(reaches('AppRole', itemKeys.app.oauthApp({ client: 'rival' }, 'p'))).toEqual([]);
    expect(reaches('AdminRole', row)).toEqual(OPERATIONS);
    for (const role of ['TenantRole', 'TenantWriterRole', 'ConnectRole', 'McpRole'] as const)
      expect(reaches(role, row)).toEqual([]);
  });

  it('the admin function seals the secret of an app and cannot read it back', () => {
    const context = { ...appContext({ client: 'acme' }, 'p') };
    expect(mayUseKey(sessionOf('AdminRole'), 'GenerateDataKey', context)).toBe(true);
    for (const operation of ['Decrypt', 'ReEncryptFrom', 'Encrypt'])
      expect(mayUseKey(sessionOf('AdminRole'), operation, context)).toBe(false);
  });

  it("an account administrator's role is refused when it asks to open or make an envelope", () => {
    const context = { ...encryptionContext(ann, 'bitrix24', 'default') };
    for (const operation of [
      'Decrypt',
      'GenerateDataKey',
      'GenerateDataKeyWithoutPlaintext',
      'Encrypt',
      'ReEncryptFrom',
    ])
      expect(mayUseKey(sessionOf('administrator'), operation, context)).toBe(false);
    expect(mayUseKey(sessionOf('administrator'), 'CreateGrant', {})).toBe(false);
    expect(mayUseKey(sessionOf('administrator'), 'DescribeKey', {})).toBe(true);
  });

  it('nobody uses the key without an encryption context, not even a tenant', () => {
    for (const session of [tenantSession(ann), sessionOf('administrator'), ...ROLES.map((role) => sessionOf(role))])
      for (const operation of ['Decrypt', 'GenerateDataKey']) expect(mayUseKey(session, operation, {})).toBe(false);
  });

  it("the admin function reaches no tenant's partition and opens no envelope", () => {
    fc.assert(
      fc.property(tenant, (of) => {
        expect(reaches('AdminRole', { pk: of })).toEqual([]);
        for (const operation of ['Decrypt', 'GenerateDataKey', 'ReEncryptFrom'])
          expect(mayUseKey(sessionOf('AdminRole'), operation, { ...encryptionContext(of, 'p', 'c') })).toBe(false);
      }),
    );
  });

  it('the authorizer can get one key by its hash and do nothing else', () => {
    const session = sessionOf('AuthorizerRole');
    const payload = { TableName: KEYS_TABLE, Key: { pk: { S: 'KEY#x' } }, Item: { pk: { S: 'KEY#x' } } };
    expect(OPERATIONS.filter((operation) => mayCall(session, operation, payload))).toEqual(['GetItem']);
    for (const pk of EVERY_PARTITION) expect([pk, reaches('AuthorizerRole', { pk })]).toEqual([pk, []]);
  });

  it('the function that makes tenant keys can write tenant keys and do nothing else, so it makes no key of another kind', () => {
    const session = sessionOf('TenantKeysRole');
    const may = ({ pk }: { pk: string }) => {
      const row = { pk: { S: pk } };
      const payload = { TableName: KEYS_TABLE, Key: row, Item: row, KeyConditionExpression: 'pk = :pk' };
      const query = { ...payload, ExpressionAttributeValues: { ':pk': row.pk } };
      return OPERATIONS.filter((operation) => mayCall(session, operation, operation === 'Query' ? query : payload));
    };
    expect(may(itemKeys.tenantKey('x'))).toEqual(['PutItem']);
    for (const row of [itemKeys.key('x'), { pk: 'TKEY' }, { pk: 'tkey#x' }, { pk: ' TKEY#x' }])
      expect(may(row)).toEqual([]);

    const put = (pk: string, more = {}) => ({ TableName: KEYS_TABLE, Item: { pk: { S: pk } }, ...more });
    const together = (...pks: string[]) => ({ TransactItems: pks.map((pk) => ({ Put: put(pk) })) });
    expect(mayCall(session, 'TransactWriteItems', together('TKEY#x', 'KEY#x'))).toBe(false);
    const batch = { RequestItems: { [KEYS_TABLE]: [{ PutRequest: { Item: { pk: { S: 'TKEY#x' } } } }] } };
    expect(mayCall(session, 'BatchWriteItem', batch)).toBe(false);
    const showing = (ReturnValues: string) => mayCall(session, 'PutItem', put('TKEY#x', { ReturnValues }));
    expect(['NONE', 'ALL_OLD'].filter(showing)).toEqual(['NONE']);

    for (const pk of [ann, 'C#acme', 'D#CLIENTS', 'U#acme#ISSUES', 'S#TICKET#x', 'A#acme', 'Q#acme', 'TKEY#x'])
      expect(reaches('TenantKeysRole', { pk })).toEqual([]);
    for (const operation of ['Decrypt', 'GenerateDataKey', 'Encrypt'])
      expect(mayUseKey(session, operation, { ...encryptionContext(ann, 'p', 'c') })).toBe(false);
  });

  it('tenant keys are written by the function that makes them and by no other', () => {
    const writing = ROLES.filter((role) =>
      ['PutItem', 'UpdateItem', 'DeleteItem'].some((action) =>
        mayOnRow(sessionOf(role, tenantTags(ann)), action, KEYS_TABLE, itemKeys.tenantKey('x').pk),
      ),
    );
    expect(writing).toEqual(['TenantKeysRole']);
  });

  it('no role can scan a table, read it in batches, query it with PartiQL or export it', () => {
    const allowed = ROLES.flatMap((role) => {
      const session = sessionOf(role, tenantTags(ann));
      const rows = [
        [KEYS_TABLE, 'KEY#x'],
        [KEYS_TABLE, 'TKEY#x'],
        ...[ann, 'U#acme#ISSUES', 'C#acme', 'D#CLIENTS', 'S#TICKET#x', 'A#acme', 'Q#acme'].map(
          (pk) => [TENANTS_TABLE, pk] as const,
        ),
      ] as const;
      // The row is one the role may get or put where it has any, so that the action is all that differs.
      const mayReach = ([name, pk]: (typeof rows)[number]) =>
        ['GetItem', 'Query', 'PutItem'].some((action) => mayOnRow(session, action, name, pk));
      expect(role === 'McpRole' || rows.some(mayReach)).toBe(true);
      return BULK.filter((action) => rows.some(([name, pk]) => mayOnRow(session, action, name, pk)));
    });
    expect(allowed).toEqual([]);
  });

  it("a tenant's session announces for its own client and reads nothing of what is announced", () => {
    for (const role of ['TenantRole', 'TenantWriterRole'] as const) {
      const own = itemKeys.outbox.event('acme', '2026-11-22T10:00:00.000Z', 'evt_1');
      expect(reaches(role, own)).toEqual(['PutItem', 'DeleteItem']);
      expect(reaches(role, itemKeys.outbox.event('rival', '2026-11-22T10:00:00.000Z', 'evt_1'))).toEqual([]);
      const session = sessionOf(role, tenantTags(ann));
      const asking = (operation: 'PutItem' | 'DeleteItem', ReturnValues: string) =>
        mayCall(session, operation, { ...onRow(operation, own), ReturnValues });
      for (const operation of ['PutItem', 'DeleteItem'] as const)
        expect(['NONE', 'ALL_OLD'].filter((values) => asking(operation, values))).toEqual(['NONE']);
    }
  });

  it("the events function delivers what is announced, and neither it nor what it may become reaches a tenant, a key, a credential or an OAuth app's secret", () => {
    expect(reaches('EventsRole', itemKeys.outbox.event('acme', 'at', 'id'))).toEqual([
      'UpdateItem',
      'DeleteItem',
      'Query',
    ]);
    expect(reaches('EventsRole', itemKeys.client.eventDirectory('acme'))).toEqual(['Query']);
    for (const pk of [ann, 'C#acme', 'D#CLIENTS', 'U#acme#ISSUES', 'S#TICKET#x', 'A#acme'])
      expect([pk, reaches('EventsRole', { pk })]).toEqual([pk, []]);
    // The one thing it may become: it gets the webhook of its client, and opens what signs for that client.
    const solo = tenantTags(tenantId({ client: 'acme' }));
    expect(ROLES.filter((role) => mayBecome(sessionOf('EventsRole'), role, tagsFor(role, solo)))).toEqual([
      'WebhookRole',
    ]);
    expect(reaches('WebhookRole', itemKeys.app.webhook('acme'), solo)).toEqual(['GetItem']);
    for (const pk of [ann, 'C#acme', 'D#EVENTS', 'U#acme#ISSUES', 'S#TICKET#x', 'A#rival', 'A#=platform', 'Q#acme'])
      expect([pk, reaches('WebhookRole', { pk }, solo)]).toEqual([pk, []]);
    const [events, webhook] = [sessionOf('EventsRole'), sessionOf('WebhookRole', solo)];
    const closed = [
      encryptionContext(ann, 'p', 'c'),
      ...[{ client: 'acme' }, {}].map((owner) => appContext(owner, 'p')),
    ];
    for (const session of [events, webhook]) {
      expect(OPERATIONS.filter((one) => mayOnRow(session, one, KEYS_TABLE, 'KEY#x'))).toEqual([]);
      for (const context of closed)
        for (const operation of ['Decrypt', 'GenerateDataKey', 'ReEncryptFrom'])
          expect(mayUseKey(session, operation, { ...context })).toBe(false);
    }
    for (const operation of ['GenerateDataKey', 'ReEncryptFrom', 'CreateGrant'])
      expect(mayUseKey(webhook, operation, { ...webhookContext('acme') })).toBe(false);
  });

  it("a tenant's session adds to its client's counters and cannot read what another tenant wrote there", () => {
    const row = itemKeys.shared.keyMonth(ann, 'k_1', '2026-11');
    expect(reaches('TenantRole', row)).toEqual(['UpdateItem']);
    const update = (ReturnValues: string) =>
      mayCall(tenantSession(ann), 'UpdateItem', { ...onRow('UpdateItem', row), ReturnValues });
    expect(['NONE', 'UPDATED_NEW', 'UPDATED_OLD', 'ALL_NEW', 'ALL_OLD'].filter(update)).toEqual([
      'NONE',
      'UPDATED_NEW',
      'UPDATED_OLD',
    ]);
    const theirs = itemKeys.shared.keyMonth(tenantId({ client: 'other' }), 'k_1', '2026-11');
    expect(reaches('TenantRole', theirs)).toEqual([]);
  });
});
