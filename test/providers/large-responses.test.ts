/** What the shipped providers give when there is much: as much as fits, how much there is, and how to go on. */
import { SILENT } from '../fakes/log.ts';
import { describe, expect, it } from '@jest/globals';
import { argumentsOf } from '../../core/provider/json-schema.ts';
import { MAX_RESULT_CHARS } from '../../core/call/size.ts';
import type { JsonObject } from '../../core/json.ts';
import { Secret } from '../../core/vault/secret.ts';
import { tenantId } from '../../core/tenant/tenant.ts';
import { PROVIDERS } from '../../providers/index.ts';
import { parseAndRun } from '../fakes/run-tool.ts';
import { noPace } from '../fakes/stores.ts';
import { providerOf } from './contract.ts';

const U = '11111111-1111-4111-8111-111111111111';

async function run(key: string, auth: string, name: string, args: JsonObject, body: unknown): Promise<JsonObject> {
  const provider = await providerOf(key);
  const tool = Object.values(provider.categories)
    .flatMap(({ tools }) => tools)
    .find((each) => each.name === name);
  if (tool === undefined) throw new Error(`no ${key}_${name}`);
  const text = JSON.stringify(body);
  const deps = {
    transport: async () => ({ status: 200, headers: {}, text }),
    rateLimiter: noPace,
    clock: () => 0,
    sleep: async () => undefined,
  };
  const ended = await parseAndRun(deps, {
    tenant: tenantId({ client: 'c' }),
    provider,
    tool,
    args,
    connection: { auth, facts: { client_endpoint: 'https://acme.bitrix24.com/rest/' } },
    credential: new Secret({ access_token: 't' }),
    log: SILENT,
    signal: AbortSignal.timeout(20_000),
  });
  if (!ended.ok) throw new Error(ended.fault.message);
  return ended.value;
}

describe('cells that are too many for one result', () => {
  const cells = Array.from({ length: 1_000 }, (_, row) => [`row ${row}`, 'x'.repeat(40), row]);
  const read = (range: string, values: readonly unknown[] = cells) =>
    run('google_sheets', 'oauth', 'values_get', { spreadsheet_id: 'a'.repeat(20), range }, { range, values });

  it('fill it, are counted in rows, and name the range that goes on', async () => {
    const { item, truncated } = await read("'Q1 Sales'!A1:C1000");
    const { values } = item as unknown as { values: unknown[] };
    expect(JSON.stringify(item).length).toBeGreaterThan(MAX_RESULT_CHARS - 200);
    expect(truncated).toEqual({
      shown: values.length,
      of: 1_000,
      why: `rows: ${values.length} of 1000 rows of values fit in one result; go on with range 'Q1 Sales'!A${values.length + 1}:C1000`,
    });
  });

  it('are all read by going on', async () => {
    const seen: unknown[] = [];
    let range = 'Sheet1!B7:D';
    for (let calls = 0; calls < 9 && range !== ''; calls += 1) {
      const start = Number(/B(\d+)/.exec(range)?.[1]) - 7;
      const { item, truncated } = await read(range, cells.slice(start));
      seen.push(...(item as unknown as { values: unknown[] }).values);
      range = /range (\S+)$/.exec((truncated as unknown as { why?: string } | undefined)?.why ?? '')?.[1] ?? '';
    }
    expect(seen).toEqual(cells);
  });
});

describe('a menu of nine million bytes', () => {
  const products = Array.from({ length: 30_000 }, (_, i) => ({
    id: U,
    name: `Dish ${i}`,
    description: 'x'.repeat(230),
    parentGroup: U,
  }));
  const menu = (args: JsonObject) =>
    run('iiko', 'api_login', 'get_menu', { organization_id: U, ...args }, { products });

  it('is read, goes on by its cursor, and is narrowed by its arguments', async () => {
    expect(JSON.stringify({ products }).length).toBeGreaterThan(9_000_000);
    const whole = await menu({});
    expect(whole).toMatchObject({ next_cursor: expect.any(String), truncated: { of: 30_000 } });
    const shown = (whole['items'] as unknown[]).length;
    const more = await menu({ cursor: whole['next_cursor'] });
    expect((more['items'] as { name: string }[])[0]?.name).toBe(`Dish ${shown}`);
    expect(await menu({ query: 'dish 29999' })).toMatchObject({ items: [{ name: 'Dish 29999' }] });
  });
});

describe('every list of a provider that ships', () => {
  /** Of a portal's own settings, or of what one restaurant has: some dozen rows. */
  const SHORT = new Set([
    'bitrix24_list_pipelines',
    'bitrix24_list_deal_stages',
    'bitrix24_list_lead_statuses',
    'bitrix24_list_crm_values',
    'bitrix24_list_calendars',
    'iiko_list_terminal_groups',
  ]);

  it('that can be large is paged by the provider or can be narrowed', async () => {
    const stuck: string[] = [];
    for (const key of [...Object.keys(PROVIDERS), 'google_sheets']) {
      const { categories } = await providerOf(key);
      for (const { name, shape, input } of Object.values(categories).flatMap(({ tools }) => tools)) {
        if (shape.kind !== 'list' || shape.paging !== undefined || SHORT.has(`${key}_${name}`)) continue;
        const { all } = argumentsOf(input);
        if (all.every((argument) => argument === 'organization_id')) stuck.push(`${key}_${name}`);
        for (const by of shape.sift?.by ?? []) if (!all.includes(by)) stuck.push(`${key}_${name}: no argument ${by}`);
      }
    }
    expect(stuck).toEqual([]);
  });
});

describe('an id that no number can hold', () => {
  it('stays the text of its digits, in rows and of what was created', async () => {
    const id = '9007199254740993';
    const listed = await run('bitrix24', 'oauth', 'list_deals', {}, { result: [{ ID: id, COMPANY_ID: '7' }] });
    expect(listed).toMatchObject({ items: [{ id, company_id: 7 }] });
    const made = await run('bitrix24', 'oauth', 'create_deal', { title: 't' }, { result: id });
    expect(made).toMatchObject({ item: { id } });
  });

  it('is refused as a cell rather than written with other digits', async () => {
    const write = (cell: JsonObject[string]) => {
      const args = { spreadsheet_id: 'a'.repeat(20), range: 'A1', values: [[cell ?? null]] };
      return run('google_sheets', 'oauth', 'values_update', args, { updatedRange: 'A1' });
    };
    await expect(write(Number('9007199254740993'))).rejects.toThrow('must be text');
    for (const cell of ['9007199254740993', 9_007_199_254_740_991, 0.1, 1e-9]) await write(cell);
  });
});
