/**
 * docs/storage.md against the key builders, against the rows that the stores really write, and against what the roles
 * of the synthesized template may do.
 */
import { ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { itemKeys, KEY_PARTITIONS, PARTITIONS } from '../../adapters/aws/schema.ts';
import { tenantId, tenantTags } from '../../core/tenant/tenant.ts';
import { startDynamoDb, type TestDynamoDb } from '../fakes/dynamodb.ts';
import { KEYS_TABLE, mayOnRow, ROLES, sessionOf, TENANTS_TABLE } from '../security/access.ts';
import { codeSpans, readPage, section, tableRows } from './markdown.ts';
import { NOW, writeEveryRow } from './stored-rows.ts';

const page = readPage('docs/storage.md');
const rows = tableRows(section(page, 'Rows')).map(([pk = '', sk = '', attributes = '', ttl = '']) => ({
  pk: codeSpans(pk)[0] ?? '',
  sk: codeSpans(sk)[0],
  attributes: codeSpans(attributes),
  ttl,
}));

/** Every builder with placeholders that cannot be mistaken for a part of the format. */
const tenant = tenantId({ client: '@client', org: '@org', user: '@user' });
const builders = {
  key: () => itemKeys.key('@hash'),
  tenantKey: () => itemKeys.tenantKey('@hash'),
  ...prefixed('tenant', itemKeys.tenant, {
    connection: () => itemKeys.tenant.connection(tenant, '@provider', '@connection'),
    connections: () => itemKeys.tenant.connections(tenant, '@provider'),
    usage: () => itemKeys.tenant.usage(tenant, '@month', '@provider', '@connection'),
    usages: () => itemKeys.tenant.usages(tenant, '@month'),
    failure: () => itemKeys.tenant.failure(tenant, '@at', '@reference'),
    reports: () => itemKeys.tenant.reports(tenant, '@day'),
    failures: () => itemKeys.tenant.failures(tenant),
    result: () => itemKeys.tenant.result(tenant, '@id', 0),
    results: () => itemKeys.tenant.results(tenant, '@id'),
    consent: () => itemKeys.tenant.consent(tenant, '@provider', '@connection'),
    connectLink: () => itemKeys.tenant.connectLink(tenant, '@hash'),
  }),
  ...prefixed('shared', itemKeys.shared, {
    keyMinute: () => itemKeys.shared.keyMinute(tenant, '@key_id', '@minute'),
    keyMonth: () => itemKeys.shared.keyMonth(tenant, '@key_id', '@month'),
    tenantKeyMonth: () => itemKeys.shared.tenantKeyMonth(tenant, '@key_id', '@month', '@tenant_key_id'),
    keyLastUsed: () => itemKeys.shared.keyLastUsed(tenant, '@key_id'),
    rateLimit: () => itemKeys.shared.rateLimit(tenant, '@scope_hash'),
    rateLimitQueue: () => itemKeys.shared.rateLimitQueue(tenant, '@scope_hash', '@tenant_hash'),
    issue: () => itemKeys.shared.issue(tenant, '@at', '@id'),
    user: () => itemKeys.shared.user(tenant),
    failure: () => itemKeys.shared.failure(tenant, '@at', '@reference'),
    failureReference: () => itemKeys.shared.failureReference(tenant, '@reference'),
  }),
  ...prefixed('pending', itemKeys.pending, {
    connectLinkOwner: () => itemKeys.pending.connectLinkOwner('@hash'),
    grant: () => itemKeys.pending.grant('@hash'),
  }),
  ...prefixed('app', itemKeys.app, {
    settings: () => itemKeys.app.settings({ client: '@client', org: '@org' }),
    allSettings: () => itemKeys.app.allSettings('@client'),
    oauthApp: () => itemKeys.app.oauthApp({ client: '@client', org: '@org' }, '@provider'),
    oauthAppOf: () => itemKeys.app.oauthAppOf({ client: '@client', org: '@org' }, '@provider'),
    oauthApps: () => itemKeys.app.oauthApps({ client: '@client' }),
    webhook: () => itemKeys.app.webhook('@client'),
  }),
  ...prefixed('outbox', itemKeys.outbox, {
    event: () => itemKeys.outbox.event('@client', '@at', '@id'),
    events: () => itemKeys.outbox.events('@client'),
  }),
  ...prefixed('client', itemKeys.client, {
    directory: () => itemKeys.client.directory('@client'),
    directories: () => itemKeys.client.directories(),
    record: () => itemKeys.client.record('@client'),
    keyRef: () => itemKeys.client.keyRef('@client', '@key_id'),
    keyOwner: () => itemKeys.client.keyOwner('@key_id'),
    keyRefs: () => itemKeys.client.keyRefs('@client'),
    eventDirectory: () => itemKeys.client.eventDirectory('@client'),
    eventDirectories: () => itemKeys.client.eventDirectories(),
    operatorRef: () => itemKeys.client.operatorRef('@key_id'),
    operatorRefs: () => itemKeys.client.operatorRefs(),
    keyMonth: () => itemKeys.client.keyMonth('@client', '@key_id', '@month'),
    keyLastUsed: () => itemKeys.client.keyLastUsed('@client', '@key_id'),
    issue: () => itemKeys.client.issue('@client', '@at', '@id'),
    issues: () => itemKeys.client.issues('@client'),
    users: () => itemKeys.client.users('@client'),
    failures: () => itemKeys.client.failures('@client'),
    failureReference: () => itemKeys.client.failureReference('@client', '@reference'),
  }),
};

interface Built {
  readonly pk: string;
  readonly sk?: string;
  readonly prefix?: string;
}

/** Fails at compile time and at run time when a builder is missing here, or is here for none. */
function prefixed<B extends object>(name: string, real: B, calls: { readonly [K in keyof B]: () => Built }) {
  if (Object.keys(real).toSorted().join() !== Object.keys(calls).toSorted().join())
    throw new Error(`${name}: ${Object.keys(real).join(', ')} are built, ${Object.keys(calls).join(', ')} are tested`);
  return Object.fromEntries(
    Object.entries<() => Built>(calls as Record<string, () => Built>).map(([key, call]) => [`${name}.${key}`, call]),
  );
}

/** The number of a part has a fixed width, so that parts sort in order. */
const asPattern = (text: string): string => text.replaceAll(/@([a-z_]+)/g, '<$1>').replace(/#000$/, '#<part>');

describe('the rows of docs/storage.md', () => {
  it('are those that the builders make, and no other', () => {
    const built = Object.values<() => Built>(builders).map((build) => build());
    const patterns = built
      .filter(({ prefix }) => prefix === undefined)
      .map(({ pk, sk }) => `${asPattern(pk)} ${sk === undefined ? '' : asPattern(sk)}`.trim());
    expect([...new Set(patterns)].toSorted()).toEqual(rows.map(({ pk, sk = '' }) => `${pk} ${sk}`.trim()).toSorted());
  });

  it('can all be found by the prefixes that are read', () => {
    for (const [name, build] of Object.entries<() => Built>(builders)) {
      const { pk, prefix } = build();
      if (prefix === undefined) continue;
      const found = rows.filter((row) => row.pk === asPattern(pk) && row.sk?.startsWith(asPattern(prefix)) === true);
      expect([name, found.length]).toEqual([name, 1]);
    }
  });
});

describe('what the stores write', () => {
  let db: TestDynamoDb;
  let items: readonly Record<string, AttributeValue>[];
  beforeAll(async () => {
    db = await startDynamoDb();
    await writeEveryRow(db);
    const scan = async (TableName: string) => (await db.client.send(new ScanCommand({ TableName }))).Items ?? [];
    items = [...(await scan(db.keysTable)), ...(await scan(db.tenantsTable))];
  }, 30_000);
  afterAll(() => db.stop());

  const itemsOf = (row: (typeof rows)[number]) =>
    items.filter(({ pk, sk }) => matches(row.pk, pk?.S) && matches(row.sk, sk?.S));

  it('has a row on the page, whatever it is', () => {
    const told = new Set(rows.flatMap(itemsOf));
    expect(items.filter((item) => !told.has(item)).map(({ pk, sk }) => [pk?.S, sk?.S])).toEqual([]);
  });

  it('has the attributes that the page names, and no other', () => {
    for (const row of rows) {
      const written = new Set(itemsOf(row).flatMap(Object.keys));
      written.delete('pk');
      written.delete('sk');
      expect([row.pk, row.sk, [...written].toSorted()]).toEqual([row.pk, row.sk, row.attributes.toSorted()]);
    }
  });

  it('ends when the page says', () => {
    for (const row of rows) {
      const ends = new Set(itemsOf(row).map(({ ttl }) => (ttl === undefined ? 'none' : Number(ttl.N) - NOW / 1000)));
      expect([row.pk, row.sk, [...ends]]).toEqual([row.pk, row.sk, [seconds(row.ttl)]]);
    }
  });
});

describe('the partitions of docs/storage.md', () => {
  const partitions = tableRows(section(page, 'Partitions')).map(([table, prefix = '', , read = '', written = '']) => ({
    table,
    prefix: codeSpans(prefix)[0] ?? '',
    read: read.split(', '),
    written: written.split(', '),
  }));

  it('are those of the schema, and no other', () => {
    expect(partitions.map(({ prefix }) => prefix).toSorted()).toEqual(
      [...Object.values(KEY_PARTITIONS), ...Object.values(PARTITIONS)].toSorted(),
    );
    for (const { pk } of rows) expect(partitions.some(({ prefix }) => pk.startsWith(prefix))).toBe(true);
  });

  it('are read and written by the roles that the page names, and by no other', () => {
    const may = (actions: readonly string[], table: string, pk: string) =>
      ROLES.filter((role) => {
        const session = sessionOf(role, tenantTags(tenant));
        return actions.some((action) => mayOnRow(session, action, table, pk));
      });
    for (const { table, prefix, read, written } of partitions) {
      const pk = Object.values<() => Built>(builders)
        .map((build) => build().pk)
        .find((built) => built.startsWith(prefix));
      const name = table === 'Keys' ? KEYS_TABLE : TENANTS_TABLE;
      const reads = may(['GetItem', 'Query'], name, pk ?? '');
      const writes = may(['PutItem', 'UpdateItem', 'DeleteItem'], name, pk ?? '');
      expect([prefix, reads.toSorted(), writes.toSorted()]).toEqual([prefix, read.toSorted(), written.toSorted()]);
    }
  });
});

function matches(pattern: string | undefined, text: string | undefined): boolean {
  if (pattern === undefined || text === undefined) return pattern === text;
  return new RegExp(`^${pattern.replaceAll(/<\w+>/g, '[^#]+')}$`).test(text);
}

/** `10 minutes` as seconds; `none` as it is. */
function seconds(span: string): number | 'none' {
  if (span === 'none') return span;
  const [, count, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(span) ?? [];
  const sizes: Readonly<Record<string, number>> = { minute: 60, hour: 3_600, day: 86_400 };
  return Number(count) * (sizes[unit] ?? Number.NaN);
}
