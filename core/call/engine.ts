/**
 * Runs one provider tool: parsed arguments in, request, answer, shaped result, read-back. What is the same for every
 * provider is here and in `send.ts`; what differs is in the provider's own pure functions.
 */
import { type Fault, fault, mayHaveHappened } from '../fault.ts';
import type { Log } from '../log.ts';
import type { Connection } from '../vault/connection.ts';
import { encodeCursor, type PageStart } from './cursor.ts';
import type { JsonObject } from '../json.ts';
import type { ProviderResponse } from '../provider/provider.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Secret } from '../vault/secret.ts';
import { send, type OnWait, type SendDeps } from '../egress/send.ts';
import type { PreparedCall } from './prepare.ts';
import { fitItem, fitRows, type Cut, type Truncated } from './size.ts';
import type { TenantId } from '../tenant/tenant.ts';
import type { AnyTool, Shape } from '../provider/tool.ts';
import type { Credential } from '../vault/vault.ts';
import { compare } from '../provider/verify.ts';
import { argumentsOf } from '../provider/json-schema.ts';
import { itemIn, rowsIn } from '../provider/shapes.ts';

export type EngineDeps = SendDeps;

export interface ToolCall extends PreparedCall {
  readonly tenant: TenantId;
  readonly connection: Pick<Connection, 'auth' | 'facts'>;
  readonly credential: Secret<Credential>;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly onWait?: OnWait | undefined;
  /** Keeps a text that had to be cut and gives the address it can be read at; undefined when it was not kept. */
  readonly keep?: ((whole: string) => Promise<string | undefined>) | undefined;
}

/** The result of a tool: `{items, next_cursor?, total?, truncated?}` or `{item, applied?, truncated?}`. */
export async function runTool(deps: EngineDeps, call: ToolCall): Promise<Result<JsonObject, Fault>> {
  const { args, start } = call;
  const { shape } = call.tool;

  let request = call.tool.request(args);
  if (shape.kind === 'list' && start.state !== undefined) request = shape.paging?.ask(request, start.state) ?? request;
  const responded = await ask(deps, call, request, call.tool.access !== 'read');
  if (!responded.ok) return responded;
  if (call.tool.access === 'read') return shaped(deps, call, responded.value);
  try {
    return await shaped(deps, call, responded.value);
  } catch (error) {
    call.log.error('answer not shaped', { provider: call.provider.key, tool: call.tool.name, error });
    return unexpected(call);
  }
}

async function shaped(
  deps: EngineDeps,
  call: ToolCall,
  response: ProviderResponse,
): Promise<Result<JsonObject, Fault>> {
  const { shape } = call.tool;
  if (shape.kind === 'list') return listResult(call, shape, response);
  const item = itemIn(shape, response, call.tool.access);
  if (item === null && call.tool.access === 'read')
    return fail(fault('not_found', `${call.provider.name} has nothing under that id, or this account may not see it.`));
  if (item === undefined || item === null) return unexpected(call);
  const { item: fitted, truncated, cuts } = fitItem(item);
  const cut = truncated === undefined ? {} : await cutNote(call, withRest(shape, item, truncated, cuts), item);
  return ok({
    item: fitted,
    ...cut,
    ...(call.tool.access === 'read' ? {} : await readBack(deps, call, item)),
  });
}

function ask(
  deps: EngineDeps,
  { tenant, provider, connection, credential, signal, log, onWait, tool }: ToolCall,
  request: ReturnType<AnyTool['request']>,
  write: boolean,
): Promise<Result<ProviderResponse, Fault>> {
  const { facts, auth } = connection;
  const narrowBy = (): readonly string[] => narrowingArguments(tool);
  return send(deps, {
    tenant,
    provider,
    facts,
    authId: auth,
    credential,
    request,
    write,
    signal,
    log,
    onWait,
    narrowBy,
  });
}

/** What makes the response smaller. Where rows are sifted here, the arguments that must be given do not. */
function narrowingArguments({ input, shape }: AnyTool): readonly string[] {
  const { all, required } = argumentsOf(input);
  if (shape.kind !== 'list' || shape.sift === undefined) return all;
  const without = new Set([...shape.sift.by, ...required]);
  return all.filter((name) => !without.has(name));
}

async function listResult(
  call: ToolCall,
  shape: Extract<Shape, { kind: 'list' }>,
  response: ProviderResponse,
): Promise<Result<JsonObject, Fault>> {
  const { args, start } = call;
  const { body } = response;
  const found = rowsIn(shape, response, args);
  if (found === undefined) return unexpected(call);
  const rows = found.slice(start.skip);
  const fitted = fitRows(rows);
  const next = nextPage(shape, body, start, fitted.cut ? fitted.rows.length : undefined);
  const total = shape.paging?.total?.(body);
  const truncated = cutOf(fitted, rows.length);
  // A list that the provider pages is read on by its cursor; of one that it gives as a whole the rest is here already.
  const isWhole = shape.paging === undefined || !fitted.cut;
  return ok({
    items: fitted.rows,
    ...(total === undefined ? {} : { total }),
    ...(next === undefined ? {} : { next_cursor: encodeCursor(call.tool.name, args, next) }),
    ...(truncated === undefined
      ? {}
      : isWhole
        ? await cutNote(call, truncated, rows)
        : { truncated: { ...truncated } }),
  });
}

function cutOf({ rows, cut, truncated }: ReturnType<typeof fitRows>, of: number): Truncated | undefined {
  if (!cut) return truncated;
  const first = truncated === undefined ? '' : `. Of the first row: ${truncated.why}`;
  const why = `rows: more would not fit in one result; next_cursor goes on with the next row${first}`;
  return { shown: rows.length, of, why };
}

/** With how to ask for the rows that were left out, where the tool knows. */
function withRest(
  { rest }: Extract<Shape, { kind: 'item' }>,
  item: JsonObject,
  truncated: Truncated,
  cuts: readonly Cut[],
): Truncated {
  const said = cuts.flatMap(({ path, kind, shown }) => (kind === 'rows' ? (rest?.(item, path, shown) ?? []) : []));
  return said.length === 0 ? truncated : { ...truncated, why: `${truncated.why}; ${said.join('; ')}` };
}

/** Where the next page starts: after the last row shown of this page when it was cut, else where the provider says. */
function nextPage(
  { paging }: Extract<Shape, { kind: 'list' }>,
  body: unknown,
  start: PageStart,
  shown: number | undefined,
): PageStart | undefined {
  if (shown !== undefined) return { state: start.state, skip: start.skip + shown };
  const state = paging?.next(body, start.state);
  return state === undefined ? undefined : { state, skip: 0 };
}

/** Says what was left out and, where it could be kept, where the whole can be read. */
async function cutNote(call: ToolCall, truncated: Truncated, whole: unknown): Promise<JsonObject> {
  const address = await call.keep?.(JSON.stringify(whole));
  return { truncated: { ...truncated, ...(address === undefined ? {} : { read_on: address }) } };
}

function unexpected({ provider, tool }: ToolCall): Result<JsonObject, Fault> {
  const message = `${provider.name} answered in a form this tool does not know.`;
  return fail(tool.access === 'read' ? fault('provider_down', message) : mayHaveHappened(message));
}

/** Reads a write back where the tool says how. A failed read-back never turns a done write into a failure. */
async function readBack(deps: EngineDeps, call: ToolCall, item: JsonObject): Promise<JsonObject> {
  try {
    return await appliedFields(deps, call, item);
  } catch (error) {
    call.log.error('change not read back', { provider: call.provider.key, tool: call.tool.name, error });
    return { not_verified: 'The change was accepted but could not be read back. Read the record to be sure.' };
  }
}

async function appliedFields(deps: EngineDeps, call: ToolCall, item: JsonObject): Promise<JsonObject> {
  const check = call.tool.verify?.(call.args, item);
  if (check === undefined) return {};
  const reader = Object.values(call.provider.categories)
    .flatMap(({ tools }) => tools)
    .find(({ name }) => name === check.tool);
  if (reader?.shape.kind !== 'item')
    throw new TypeError(`${call.tool.name} verifies with ${check.tool}, which reads no item`);
  const responded = await ask(deps, call, reader.request(reader.input.parse(check.args)), false);
  const found = responded.ok ? reader.shape.item(responded.value.body) : undefined;
  if (found !== undefined && found !== null) return { applied: compare(check.expect, found) };
  return {
    not_verified: `The change was accepted but could not be read back. Check it with ${call.provider.key}_${check.tool}.`,
  };
}
