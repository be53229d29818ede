/** Every Bitrix24 tool against the fake portal: what it sends is documented, and what it answers is what it promises. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type * as z from 'zod';
import { isDead } from '../../core/provider-error-classes.ts';
import { toInputSchema } from '../../core/provider/json-schema.ts';
import type { JsonObject } from '../../core/json.ts';
import { startHarness, TOOLS, toolNamed, type Harness } from './bitrix24-harness.ts';
import { ARGS } from './bitrix24-arguments.ts';

function argumentsOf(name: string): (typeof ARGS)[string] {
  const found = ARGS[name];
  if (found === undefined) throw new TypeError(`no arguments for ${name}`);
  return found;
}

const NAMES = TOOLS.map(({ name }) => name);

const READERS = TOOLS.filter(({ access, shape }) => access === 'read' && shape.kind === 'item').map(({ name }) => name);

const LISTS = TOOLS.filter(({ shape }) => shape.kind === 'list').map(({ name }) => name);

describe('Bitrix24 tools against the portal', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.stop());

  it('has arguments here for every tool and for nothing else', () => {
    expect(Object.keys(ARGS).toSorted()).toEqual(NAMES.toSorted());
  });

  it.each(NAMES)('%s is tried with every argument it has', (name) => {
    const schema = toInputSchema(toolNamed(name).input as z.ZodType);
    const declared = Object.keys(schema['properties'] as JsonObject).toSorted();
    const { least, all } = argumentsOf(name);
    expect([...new Set(all.flatMap((args) => Object.keys(args)))].toSorted()).toEqual(declared);
    expect(Object.keys(least)).toEqual(expect.arrayContaining([...((schema['required'] ?? []) as string[])]));
  });

  it.each(NAMES)('%s is accepted by the portal with the fewest arguments', async (name) => {
    const value = await harness.ok(name, argumentsOf(name).least);
    expect(value['items'] ?? value['item']).toBeDefined();
  });

  it.each(NAMES.flatMap((name) => argumentsOf(name).all.map((args, i) => [name, i, args] as const)))(
    '%s is accepted by the portal with all its arguments (set %i), and every checked value stuck',
    async (name, _i, args) => {
      const value = await harness.ok(name, args);
      expect(value['not_verified']).toBeUndefined();
      for (const outcome of Object.values((value['applied'] ?? {}) as JsonObject)) expect(outcome).toBe(true);
    },
  );

  it.each(NAMES)('%s refuses an argument it does not know', async (name) => {
    const failure = await harness.fault(name, { ...argumentsOf(name).least, surprise: 1 });
    expect(failure.code).toBe('invalid_input');
    expect(harness.fake.calls).toHaveLength(0);
  });

  it.each(NAMES)('%s never shows a token that an answer carries, nor the webhook', async (name) => {
    const shown = JSON.stringify(await harness.ok(name, argumentsOf(name).least));
    expect(shown).not.toContain('secret-token');
    expect(shown).not.toContain('abcdef0123456789');
  });

  it.each(LISTS)('%s answers no rows when the portal has none', async (name) => {
    const wrapped: Readonly<Record<string, unknown>> = {
      list_tasks: { tasks: [] },
      list_pipelines: { categories: [] },
    };
    harness.fake.control.fault({ kind: 'answer', body: { result: wrapped[name] ?? [], total: 0 } });
    expect((await harness.ok(name, argumentsOf(name).least))['items']).toEqual([]);
  });

  it.each(READERS.filter((name) => name !== 'get_current_user'))('%s of a missing id is not_found', async (name) => {
    const [idName] = Object.keys(argumentsOf(name).least);
    const failure = await harness.fault(name, { [idName ?? '']: 999_999 });
    expect([failure.code, isDead(failure)]).toEqual(['not_found', false]);
  });

  it('takes ids that are text, as the portal itself writes them', async () => {
    const { item } = await harness.ok('get_deal', { deal_id: '7' });
    expect(item).toMatchObject({ ID: '7', TITLE: 'Deal 7' });
    expect(harness.fake.calls[0]?.params).toEqual({ id: 7 });
  });

  it.each([0, -1, 1.5, true, null, 'x', '1e3', [7], 3_000_000_000])('refuses %p as an id', async (id) => {
    expect((await harness.fault('get_deal', { deal_id: id })).code).toBe('invalid_input');
    expect(harness.fake.calls).toHaveLength(0);
  });

  it.each(['2026-12-01', '2026-12-01T15:00:00', 'tomorrow', '2026-13-01T15:00:00Z'])(
    'refuses %p as a deadline: without an offset it would mean another hour in each portal',
    async (deadline) => {
      expect((await harness.fault('update_task', { task_id: 1, deadline })).code).toBe('invalid_input');
    },
  );

  it.each(['update_contact', 'update_company', 'update_lead', 'update_deal', 'update_task'])(
    '%s refuses to change nothing',
    async (name) => {
      const [idName = ''] = Object.keys(argumentsOf(name).least);
      const failure = await harness.fault(name, { [idName]: 1 });
      expect(failure).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('at least one field') });
    },
  );

  it('refuses empty and overlong text before anything is sent', async () => {
    expect((await harness.fault('create_deal', { title: '  ' })).code).toBe('invalid_input');
    expect((await harness.fault('create_deal', { title: 'x'.repeat(256) })).code).toBe('invalid_input');
    expect(harness.fake.calls).toHaveLength(0);
  });
});
