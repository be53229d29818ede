/** Bitrix24's facts: sign-in, error rules, budgets of what is listed, and skill texts that tell the truth. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { classify } from '../../core/provider/classify.ts';
import type { ErrorCode } from '../../core/error-codes.ts';
import { egressProblem } from '../../core/egress/egress.ts';
import { withoutOutputSchema } from '../../core/catalog/registry.ts';
import { provider } from '../../providers/bitrix24/provider.ts';
import { renderCatalog } from '../../providers/render.ts';
import { startHarness, START, TOOLS, type Harness } from './bitrix24-harness.ts';

const [webhook] = provider.auth;
const KEY = 'https://acme.bitrix24.com/rest/17/abcdef0123456789/';

describe('the webhook', () => {
  const pattern = new RegExp(webhook.fields[0]?.pattern ?? '');

  it.each([KEY, KEY.slice(0, -1), 'https://my-firm.bitrix24.com.br/rest/1/k3y0k3y0/'])('takes %s', (value) => {
    expect(pattern.test(value)).toBe(true);
  });

  it.each([
    'http://acme.bitrix24.com/rest/17/abcdef0123456789/',
    'https://acme.bitrix24.com.evil.example/rest/17/abcdef0123456789/',
    'https://evil.example/.bitrix24.com/rest/17/abcdef0123456789/',
    'https://user@acme.bitrix24.com/rest/17/abcdef0123456789/',
    'https://acme.bitrix24.com:8443/rest/17/abcdef0123456789/',
    'https://acme.bitrix24.com/rest/17/abcdef0123456789/../../admin',
    'https://acme.bitrix24.com/rest/17/abcdef0123456789/?x=1',
    ' https://acme.bitrix24.com/rest/17/abcdef0123456789/\nx',
  ])('refuses %j', (value) => {
    expect(pattern.test(value)).toBe(false);
  });

  it('gives the portal and the acting user as facts, and the code as none', () => {
    expect(webhook.derive({ api_key: KEY })).toEqual({ portal: 'acme.bitrix24.com', acting_user: '17' });
  });

  it('is the base address, and only of the hosts of Bitrix24', () => {
    const { baseUrl } = webhook.inject({ api_key: KEY }, {});
    expect(baseUrl).toBe('https://acme.bitrix24.com/rest/17/abcdef0123456789');
    const send = (url: string): string | undefined =>
      egressProblem({ method: 'POST', url: new URL(url), headers: {} }, provider.hosts);
    expect(send(`${baseUrl}/user.current`)).toBeUndefined();
    expect(send('https://bitrix24.com/x')).toBeDefined();
    expect(send('https://a.b.bitrix24.com/x')).toBeDefined();
    expect(send('https://acme.bitrix24.com.evil.example/x')).toBeDefined();
  });

  it('shares its rate limit with everything on the same portal', () => {
    expect(provider.rateLimit?.scope(webhook.derive({ api_key: KEY }))).toBe('acme.bitrix24.com');
  });

  it.each([
    [{ NAME: 'Anna', LAST_NAME: 'Admin' }, 'Anna Admin'],
    [{ NAME: '', LAST_NAME: 'Admin' }, 'Admin'],
    [{ NAME: '', LAST_NAME: null, EMAIL: 'a@b.c', ID: '1' }, 'a@b.c'],
    [{ ID: '1' }, 'user 1'],
    [{}, undefined],
  ])('names the account of %p', (result, account) => {
    expect(provider.probe.account({ result })).toBe(account);
  });
});

describe('the credential at the portal', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.stop());

  it.each(['expire', 'revoke'] as const)('asks to reconnect after %s and tries once', async (how) => {
    harness.fake.control[how]();
    const failure = await harness.fault('get_deal', { deal_id: 1 });
    expect([failure.code, failure.cause]).toEqual([
      'reconnect_required',
      how === 'expire' ? 'auth_expired' : 'reconnect_required',
    ]);
    expect(harness.sleeps).toEqual([]);
  });

  it('names a missing scope without calling the credential dead', async () => {
    harness.fake.control.scopes(['crm', 'user']);
    expect(await harness.fault('list_tasks')).toMatchObject({
      code: 'insufficient_scope',
      cause: 'insufficient_scope',
      next: expect.stringContaining('task'),
    });
  });
});

describe('what an error of Bitrix24 means', () => {
  const RULES: readonly (readonly [number, string, string, ErrorCode])[] = [
    [503, 'QUERY_LIMIT_EXCEEDED', 'Too many requests', 'rate_limited'],
    [429, 'OPERATION_TIME_LIMIT', 'Method is blocked due to operation time limit.', 'quota_exhausted'],
    [503, 'OVERLOAD_LIMIT', 'REST API is blocked due to overload.', 'provider_down'],
    [500, 'PORTAL_DELETED', 'Portal was deleted', 'provider_down'],
    [401, 'expired_token', 'The access token provided has expired', 'reconnect_required'],
    [401, 'NO_AUTH_FOUND', 'Wrong authorization data', 'reconnect_required'],
    [401, 'invalid_token', 'Unable to get application by token', 'reconnect_required'],
    [401, 'INVALID_CREDENTIALS', 'Invalid request credentials', 'reconnect_required'],
    [403, 'INVALID_CREDENTIALS', 'Invalid request credentials', 'forbidden'],
    [403, 'insufficient_scope', 'The request requires higher privileges', 'insufficient_scope'],
    [403, 'user_access_error', 'The user does not have access to the application.', 'forbidden'],
    [403, 'allowed_only_intranet_user', 'x', 'forbidden'],
    [403, 'WRONG_AUTH_TYPE', 'Current authorization type is denied for this method', 'forbidden'],
    [403, 'ACCESS_DENIED', 'REST API is available only on commercial plans.', 'plan_required'],
    [402, 'PAYMENT_REQUIRED', 'x', 'plan_required'],
    [400, 'ACCESS_DENIED', 'Access denied', 'forbidden'],
    [404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!', 'plan_required'],
    [404, 'ERROR_MANIFEST_IS_NOT_AVAILABLE', 'Manifest is not available', 'plan_required'],
    [400, '', 'Not found', 'not_found'],
    [400, '', 'Activity is not found.', 'not_found'],
    [400, 'NOT_FOUND', 'Not found.', 'not_found'],
    [400, 'OWNER_NOT_FOUND', 'x', 'not_found'],
    [400, 'ERROR_NOT_FOUND', 'Could not find entity with id `X`', 'not_found'],
    [400, '', 'Access denied.', 'forbidden'],
    [400, '', 'Доступ запрещен', 'forbidden'],
    [400, '0', 'wrong task id', 'invalid_input'],
    [400, '0', 'Действие над задачей не разрешено', 'forbidden'],
    [400, 'ERROR_CORE', 'Пользователь указанный в поле "Исполнитель" не найден<br>', 'invalid_input'],
    [400, 'ERROR_CORE', 'Недостаточно прав для добавления комментария.<br>', 'forbidden'],
    [400, '100', 'Could not find value for parameter {fields}', 'invalid_input'],
    [400, '', 'ID is not defined or invalid.', 'invalid_input'],
    [400, 'INVALID_REQUEST', 'Https required.', 'invalid_input'],
    [405, 'ERROR_BATCH_METHOD_NOT_ALLOWED', 'Method is not allowed for batch usage', 'invalid_input'],
    [400, 'ERROR_BATCH_LENGTH_EXCEEDED', 'Max batch length exceeded', 'invalid_input'],
    [200, 'SOMETHING_NEW', 'Nobody knows', 'invalid_input'],
    [500, 'INTERNAL_SERVER_ERROR', 'Internal server error', 'provider_down'],
    [200, 'INTERNAL_SERVER_ERROR', 'Internal server error', 'provider_down'],
    [500, 'ERROR_UNEXPECTED_ANSWER', 'Server returned an unexpected response', 'provider_down'],
  ];

  const meaning = (status: number, body: unknown) => classify(provider, { status, headers: {}, body }, false, START);

  it.each(RULES)('HTTP %i %j "%s" is %s', (status, error, error_description, code) => {
    expect(meaning(status, { error, error_description })?.code).toBe(code);
  });

  it.each(RULES.filter(([status]) => status < 500))(
    'HTTP 200 with %i %j "%s" is %s too',
    (status, error, text, code) => {
      // The one rule that needs the status: with 401 these words cannot mean missing rights.
      const expected = error === 'INVALID_CREDENTIALS' && status === 401 ? 'forbidden' : code;
      expect(meaning(200, { error, error_description: text })?.code).toBe(expected);
    },
  );

  it('tries every rule of the provider', () => {
    const tried = RULES.map(([status, error, error_description]) =>
      provider.errors.findIndex(({ when }) => when({ status, headers: {}, body: { error, error_description } })),
    );
    expect(provider.errors.filter((_, i) => !tried.includes(i))).toEqual([]);
  });

  it.each([{ result: [] }, { result: { error: 'a field of that name' } }, { result: true }, []])(
    'a success (%p) is no error',
    (body) => {
      expect(meaning(200, body)).toBeUndefined();
    },
  );

  it('counts the seconds to the reset of a blocked method, and never more than its window', () => {
    const until = (at: number | undefined) =>
      meaning(429, { error: 'OPERATION_TIME_LIMIT', time: { operating_reset_at: at } })?.retry_after;
    expect([until(START / 1000 + 90), until(START / 1000 + 9_000), until(START / 1000 - 5), until(undefined)]).toEqual([
      90, 600, 600, 600,
    ]);
  });

  it('quotes the portal as plain text without links, and not at length', () => {
    const description = `Bad <b>value</b>&quot;x&quot;\nsee https://acme.bitrix24.com/rest/1/abcdef/ ${'y'.repeat(900)}`;
    const { message = '' } = meaning(400, { error: 'E', error_description: description }) ?? {};
    expect(message).toMatch(/^Bitrix24 refused: Bad value "x" see \[link\] y+$/);
    expect(message.length).toBeLessThan(350);
  });
});

describe('what is listed', () => {
  it('keeps to its budget of bytes', async () => {
    const { tools } = await renderCatalog('.');
    const own = tools.filter((tool) => tool.provider === 'bitrix24');
    const sizes = own
      .map((tool) => JSON.stringify(withoutOutputSchema(tool).definition).length)
      .toSorted((a, b) => a - b);
    expect(own).toHaveLength(52);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(600);
    expect(sizes.at(-1)).toBeLessThanOrEqual(1_400);
  });

  it('describes every tool briefly, and every argument whose name does not say it all', async () => {
    const { tools } = await renderCatalog('.');
    for (const { definition } of tools.filter((tool) => tool.provider === 'bitrix24')) {
      expect(definition.description.length).toBeLessThan(250);
    }
    for (const { name, input } of TOOLS) {
      const { properties = {} } = z.toJSONSchema(input, { io: 'input' });
      const silent = Object.entries(properties).filter(([, argument]) => Object(argument).description === undefined);
      expect([name, silent.map(([argument]) => argument)]).toEqual([name, []]);
    }
  });

  it('lists the tools that are used all day, and keeps the rest in categories of their own', () => {
    const core = Object.entries(provider.categories).map(([key, category]) => [key, category.core]);
    expect(Object.fromEntries(core)).toEqual({
      crm: true,
      tasks: true,
      crm_deals: false,
      crm_contacts: false,
      crm_leads: false,
      crm_activities: false,
      crm_estimates: false,
      crm_dictionaries: false,
      task_details: false,
      organization: false,
      calendar: false,
      telephony: false,
      drive: false,
    });
    const listed = Object.values(provider.categories).filter((category) => category.core);
    expect(listed.flatMap(({ tools }) => tools.map(({ name }) => name))).toEqual([
      'list_deals',
      'update_deal_stage',
      'find_by_phone_or_email',
      'list_tasks',
      'create_task',
      'complete_task',
    ]);
  });

  it('marks deleting as the only destructive tool', () => {
    expect(TOOLS.filter(({ access }) => access === 'destructive').map(({ name }) => name)).toEqual(['delete_task']);
  });

  it('verifies only with tools that read one record', () => {
    for (const tool of TOOLS.filter(({ verify }) => verify !== undefined)) expect(tool.access).toBe('write');
  });
});

describe('skill texts', () => {
  const TOOL_NAMES = new Set(TOOLS.map(({ name }) => name));
  const VERBS = /^(list|get|create|update|find|search|complete|comment|add|delete)_/;

  it.each(Object.keys(provider.categories))('%s is short and names only tools that exist', async (category) => {
    const text = await readFile(`providers/bitrix24/skills/${category}.md`, 'utf8');
    expect(Buffer.byteLength(text)).toBeLessThan(2_048);
    const named = [...text.matchAll(/`(?:bitrix24_)?([a-z_]+)`/g)].map(([, name = '']) => name);
    const inputs = new Set(['add_phone', 'add_email', 'get_']);
    const missing = named.filter((name) => VERBS.test(name) && !TOOL_NAMES.has(name) && !inputs.has(name));
    expect(missing).toEqual([]);
  });
});
