/** What Bitrix24 tools mean: searching, paging, read-backs, and that no write is ever done twice. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../core/json.ts';
import { startHarness, START, type Harness } from './bitrix24-harness.ts';

const AT = '2026-12-01T15:00:00+03:00';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.stop());

function rows(value: JsonObject): readonly JsonObject[] {
  return value['items'] as readonly JsonObject[];
}

function callsOf(method: string): number {
  return harness.fake.calls.filter((call) => call.method === method).length;
}

async function everyPage(tool: string, args: JsonObject = {}): Promise<readonly (readonly JsonObject[])[]> {
  const pages: (readonly JsonObject[])[] = [];
  let cursor: unknown;
  do {
    const value = await harness.ok(tool, cursor === undefined ? args : { ...args, cursor });
    pages.push(rows(value));
    cursor = value['next_cursor'];
  } while (cursor !== undefined && pages.length < 20);
  return pages;
}

describe('finding people and records', () => {
  it('finds a contact by a part of the first name', async () => {
    const names = rows(await harness.ok('list_contacts', { query: 'gret' })).map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(['Greta']));
  });

  it('finds a contact by a part of the last name with the same argument', async () => {
    const found = rows(await harness.ok('list_contacts', { query: 'nova' }));
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map(({ last_name }) => last_name))).toEqual(new Set(['Novak']));
  });

  it('finds only those of whom every word of the query is a part of a name', async () => {
    const found = rows(await harness.ok('list_contacts', { query: 'boris novak' }));
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ name, last_name }) => name === 'Boris' && last_name === 'Novak')).toBe(true);
  });

  it.each([{ phone: '+15551000005' }, { email: 'person5@example.com' }])('finds one contact by %p', async (args) => {
    expect(rows(await harness.ok('list_contacts', args))).toEqual([
      {
        id: 5,
        responsible_id: 1,
        name: 'Frank',
        last_name: 'Rossi',
        position: 'Buyer',
        phone: '+15551000005',
        email: 'person5@example.com',
      },
    ]);
  });

  it('shows the same fields whichever way a contact was found', async () => {
    const [byPhone] = rows(await harness.ok('list_contacts', { phone: '+15551000005' }));
    const found = rows(await harness.ok('list_contacts', { query: 'frank rossi' })).find(({ id }) => id === 5);
    expect(found).toEqual(byPhone);
  });

  it('refuses a name query beside an exact phone, which Bitrix24 cannot join', async () => {
    const failure = await harness.fault('list_contacts', { query: 'anna', phone: '+1' });
    expect(failure).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('first_name') });
  });

  it('finds who has a phone however it is spelled, in leads, contacts and companies', async () => {
    expect(rows(await harness.ok('find_by_phone_or_email', { phone: '1-555-100-0701' }))).toEqual([
      { id: 1, type: 'lead' },
    ]);
    expect(rows(await harness.ok('find_by_phone_or_email', { phone: '+1 (555) 1000007' }))).toEqual([
      { id: 7, type: 'contact' },
    ]);
  });

  it('filters tasks by what they are, so that pending includes the overdue ones', async () => {
    expect((await harness.ok('list_tasks', { status: 'pending' }))['total']).toBe(55);
    const overdue = rows(await harness.ok('list_tasks', { status: 'overdue' }));
    expect(overdue.map(({ id }) => id)).toEqual([50, 40, 30, 20, 10]);
    expect(overdue[0]).toMatchObject({ status: 'pending', priority: 'normal' });
  });

  it('does not let a task query use the wildcard of the portal', async () => {
    await harness.ok('list_tasks', { query: '%5%' });
    expect(harness.fake.calls[0]?.params['filter']).toEqual({ TITLE: '%5%' });
  });

  it('lists the stages of the default pipeline and of another one', async () => {
    expect(rows(await harness.ok('list_deal_stages')).map(({ stage_id }) => stage_id)).toEqual([
      'NEW',
      'EXECUTING',
      'WON',
      'LOSE',
    ]);
    expect(rows(await harness.ok('list_deal_stages', { pipeline_id: 2 }))).toEqual([
      { stage_id: 'C2:NEW', name: 'New', meaning: 'process' },
      { stage_id: 'C2:WON', name: 'Won', meaning: 'success' },
    ]);
  });

  it('reads a deal with all its fields under their own names', async () => {
    expect((await harness.ok('get_deal', { deal_id: 1 }))['item']).toEqual(harness.fake.portal.deals.get(1));
  });

  it('gives event times as UTC instants and who is busy as rows', async () => {
    const [event] = rows(await harness.ok('list_events', { owner_id: 1 }));
    expect(event).toMatchObject({ starts_at: '2026-11-25T09:00:00.000Z', ends_at: '2026-11-25T10:00:00.000Z' });
    const busy = { user_ids: [1, 6], from_date: '2026-11-01', to_date: '2026-11-30' };
    expect(rows(await harness.ok('get_availability', busy)).map(({ user_id }) => user_id)).toEqual([1, 1]);
  });
});

describe('paging', () => {
  it.each([
    ['list_contacts', {}, [50, 50, 20]],
    ['list_deals', {}, [50, 20]],
    ['list_tasks', {}, [50, 5]],
    ['list_departments', {}, [50, 10]],
  ] as const)('%s goes through all pages without gap or repetition', async (tool, args, sizes) => {
    const pages = await everyPage(tool, args);
    expect(pages.map((page) => page.length)).toEqual(sizes);
    const newId = pages.flat().map(({ id }) => id);
    expect(new Set(newId).size).toBe(newId.length);
  });

  it('pages a name search too', async () => {
    const pages = await everyPage('list_contacts', { query: 'a' });
    expect(pages.length).toBeGreaterThan(1);
    expect(harness.fake.calls.map(({ method }) => method)).toEqual(pages.map(() => 'crm.item.list'));
  });

  it('says how many there are in all', async () => {
    expect((await harness.ok('list_contacts'))['total']).toBe(120);
  });

  it('refuses a cursor of another list or of other arguments', async () => {
    const { next_cursor: cursor } = await harness.ok('list_deals');
    expect((await harness.fault('list_deals', { query: 'x', cursor })).code).toBe('invalid_input');
    expect((await harness.fault('list_contacts', { cursor })).code).toBe('invalid_input');
  });

  it('cuts a page that would not fit, says so, and loses no row on the way', async () => {
    for (const row of harness.fake.portal.contacts.values()) row['POST'] = 'x'.repeat(1_500);
    const first = await harness.ok('list_contacts');
    expect(first['truncated']).toMatchObject({ of: 50, why: expect.stringContaining('next_cursor') });
    expect(JSON.stringify(first).length).toBeLessThan(42_000);
    const newId = (await everyPage('list_contacts')).flat().map(({ id }) => id);
    expect(newId).toHaveLength(120);
    expect(new Set(newId).size).toBe(120);
  });

  it('refuses an answer that is too large to read', async () => {
    harness.fake.control.fault({ kind: 'huge' });
    expect(await harness.fault('list_contacts')).toMatchObject({ code: 'invalid_input' });
  });
});

describe('writes that Bitrix24 may ignore silently', () => {
  it('says that the stage stuck', async () => {
    const value = await harness.ok('update_deal_stage', { deal_id: 1, stage_id: 'WON' });
    expect(value).toEqual({ item: { accepted: true }, applied: { STAGE_ID: true } });
    expect(harness.fake.portal.deals.get(1)?.['STAGE_ID']).toBe('WON');
  });

  it.each(['C2:WON', 'LOST'])('says that the stage %s was ignored, and what it is', async (stage_id) => {
    const value = await harness.ok('update_deal_stage', { deal_id: 1, stage_id });
    expect(value['applied']).toEqual({ STAGE_ID: { wanted: stage_id, found: 'NEW' } });
  });

  it('says that a new deal did not land in the stage that was asked for', async () => {
    const value = await harness.ok('create_deal', { title: 'x', stage_id: 'C2:WON', pipeline_id: 0 });
    expect(value).toMatchObject({
      item: { id: 71 },
      applied: { STAGE_ID: { wanted: 'C2:WON', found: 'NEW' }, CATEGORY_ID: true },
    });
  });

  it.each([
    ['create_lead', { title: 'x', source_id: 'FAX' }, { SOURCE_ID: { wanted: 'FAX', found: 'WEB' } }],
    ['update_lead', { lead_id: 1, status_id: 'OPEN' }, { STATUS_ID: { wanted: 'OPEN', found: 'NEW' } }],
    ['create_company', { title: 'x', industry: 'Banking' }, { INDUSTRY: { wanted: 'Banking', found: 'IT' } }],
    ['update_company', { company_id: 1, industry: 'Toys' }, { INDUSTRY: { wanted: 'Toys', found: 'IT' } }],
    ['create_contact', { name: 'x', responsible_id: 77 }, { ASSIGNED_BY_ID: { wanted: 77, found: '1' } }],
    ['update_contact', { contact_id: 1, company_id: 77 }, { COMPANY_ID: { wanted: 77, found: null } }],
    ['update_deal', { deal_id: 2, opportunity: 5 }, { OPPORTUNITY: { wanted: 5, found: '1000.00' } }],
    ['update_deal', { deal_id: 1, opportunity: 5 }, { OPPORTUNITY: true }],
    ['complete_task', { task_id: 3 }, { status: { wanted: 'done', found: 'awaiting_review' } }],
    ['complete_task', { task_id: 1 }, { status: true }],
    ['update_task', { task_id: 4, deadline: AT }, { deadline: { wanted: AT, found: null } }],
    ['update_task', { task_id: 1, deadline: '2026-12-01T12:00:00Z' }, { deadline: true }],
  ] as const)('%s with %p answers applied %p', async (tool, args, applied) => {
    expect((await harness.ok(tool, args))['applied']).toEqual(applied);
  });

  it('reads nothing back when nothing can be ignored', async () => {
    expect(await harness.ok('create_contact', { name: 'Ada' })).toEqual({ item: { id: 121 } });
    expect(callsOf('crm.contact.get')).toBe(0);
  });

  it('stays a success when only the read-back fails, and says so', async () => {
    harness.fake.control.fault({ kind: 'html_500' }, { method: 'crm.deal.get', times: 9 });
    const value = await harness.ok('update_deal_stage', { deal_id: 1, stage_id: 'WON' });
    expect(value).toMatchObject({
      item: { accepted: true },
      not_verified: expect.stringContaining('bitrix24_get_deal'),
    });
  });

  it('adds a phone and keeps those that are there', async () => {
    await harness.ok('update_contact', { contact_id: 1, add_phone: '+15559' });
    const phones = harness.fake.portal.contacts.get(1)?.['PHONE'] as readonly JsonObject[];
    expect(phones.map(({ VALUE }) => VALUE)).toEqual(['+15551000001', '+15559']);
  });
});

describe('no write is done twice', () => {
  const write = ['create_deal', { title: 'once' }] as const;
  const made = (): number => [...harness.fake.portal.deals.values()].filter(({ TITLE }) => TITLE === 'once').length;

  it.each(['drop_after', 'invalid_json', 'huge'] as const)(
    'after %s a change is may_have_happened, and it was sent once',
    async (kind) => {
      harness.fake.control.fault({ kind }, { times: 5 });
      const failure = await harness.fault(...write);
      expect(failure).toMatchObject({
        code: 'may_have_happened',
        next: expect.stringContaining('Read the record back'),
      });
      expect([callsOf('crm.deal.add'), made()]).toEqual([1, 1]);
    },
  );

  it('a change without an answer in time is may_have_happened, and it was sent once', async () => {
    harness.fake.control.fault({ kind: 'hang_after' });
    expect((await harness.fault(...write, AbortSignal.timeout(150))).code).toBe('may_have_happened');
    expect([callsOf('crm.deal.add'), made()]).toEqual([1, 1]);
  });

  it.each([
    { kind: 'html_500' },
    {
      kind: 'refuse',
      status: 500,
      body: { error: 'INTERNAL_SERVER_ERROR', error_description: 'Internal server error' },
    },
    { kind: 'refuse', status: 500, body: { error: 'ERROR_UNEXPECTED_ANSWER', error_description: 'x' } },
  ] as const)(
    'a failure inside the portal during a change (%p) is may_have_happened and is not repeated',
    async (fault) => {
      harness.fake.control.fault(fault, { times: 5 });
      expect((await harness.fault(...write)).code).toBe('may_have_happened');
      expect(callsOf('crm.deal.add')).toBe(1);
    },
  );

  it('repeats a change that was throttled, since nothing ran, and does it once', async () => {
    harness.fake.control.fault(
      { kind: 'refuse', status: 503, body: { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many requests' } },
      { times: 2 },
    );
    expect(await harness.ok(...write)).toMatchObject({ item: { id: 71 } });
    expect([callsOf('crm.deal.add'), made()]).toEqual([3, 1]);
  });

  it('a read that hangs is a timeout and changes nothing', async () => {
    harness.fake.control.fault({ kind: 'hang' });
    expect((await harness.fault('get_deal', { deal_id: 1 }, AbortSignal.timeout(150))).code).toBe('timeout');
  });

  it.each(['drop_before', 'html_500'] as const)('repeats a read after %s', async (kind) => {
    harness.fake.control.fault({ kind }, { times: 2 });
    expect((await harness.ok('get_deal', { deal_id: 1 }))['item']).toMatchObject({ ID: '1' });
    expect(callsOf('crm.deal.get')).toBe(3);
  });

  it('follows no redirect', async () => {
    harness.fake.control.fault({ kind: 'redirect' }, { times: 9 });
    expect((await harness.fault('get_deal', { deal_id: 1 })).code).toBe('provider_down');
  });
});

describe('limits of the portal', () => {
  it('waits and goes on when the portal throttles', async () => {
    await harness.stop();
    harness = await startHarness({ burst: 3 });
    for (let i = 0; i < 8; i += 1) await harness.ok('get_deal', { deal_id: 1 });
    expect(harness.sleeps.length).toBeGreaterThan(0);
    expect(callsOf('crm.deal.get')).toBe(8);
  });

  it('gives up with rate_limited and a time when the throttling does not end', async () => {
    await harness.stop();
    harness = await startHarness({ burst: 0 });
    expect(await harness.fault('get_deal', { deal_id: 1 })).toMatchObject({ code: 'rate_limited', retry_after: 2 });
  });

  it('says when a blocked method is free again, does not hammer it, and lets others through', async () => {
    harness.fake.control.block('crm.deal.list', START / 1000 + 240);
    expect(await harness.fault('list_deals')).toMatchObject({ code: 'quota_exhausted', retry_after: 240 });
    expect(harness.sleeps).toEqual([]);
    expect((await harness.ok('get_deal', { deal_id: 1 }))['item']).toBeDefined();
  });
});
