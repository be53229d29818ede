/** What a check of `smoke` sends and what it expects. Nothing of a response but its status and our own words is shown. */
import { setTimeout as delay } from 'node:timers/promises';

export interface SmokeTarget {
  /** Origin and base path, without a slash at the end. */
  readonly url: string;
  readonly key: string;
  /** What the key is asked with for a tenant it may serve: nothing, or a user, as `?user_id=...`. */
  readonly tenant: string;
  /** Whether the key serves organizations, as a platform key does. */
  readonly organizations: boolean;
  /** Version of this checkout. */
  readonly version: string;
  /** Whether to send more requests at once than the default throttle takes. */
  readonly burst: boolean;
  readonly fetch: typeof globalThis.fetch;
}

export interface SmokeResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of the body, or of the last event of a stream; undefined where there is none. */
  readonly json: unknown;
}

export interface SmokeRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** A response that is not what it should be; the message names both. */
export class Unexpected extends Error {}

/** What this check needs is not there: the check says so by its name and is left out. */
export class Skipped extends Error {}

const TIMEOUT_MS = 70_000;
const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export async function sendRequest(
  { url, fetch }: SmokeTarget,
  path: string,
  { method = 'POST', headers = {}, body }: SmokeRequest = {},
): Promise<SmokeResponse> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const init = { method, headers, redirect: 'manual' as const, signal };
  const response = await fetch(url + path, body === undefined ? init : { ...init, body });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: jsonOf(text) };
}

/** A JSON-RPC request with the key, as most checks send it. */
export function rpc(
  target: SmokeTarget,
  method: string,
  { path = `/mcp${target.tenant}`, params = {}, headers = {} }: RpcOptions = {},
): Promise<SmokeResponse> {
  return sendRequest(target, path, {
    headers: { ...JSON_TYPE, 'x-api-key': target.key, ...headers },
    body: rpcBody(method, params),
  });
}

interface RpcOptions {
  readonly path?: string;
  readonly params?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export function rpcBody(method: string, params: object = {}): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
}

/** Throws unless the two are equal. */
export function expectSame<T>(what: string, given: T, wanted: T): void {
  const [is, should] = [JSON.stringify(given), JSON.stringify(wanted)];
  if (is !== should) throw new Unexpected(`${what}: ${should} was expected, ${is} came.`);
}

/** Throws unless a tool or a list was answered with a result. */
export function expectResult(what: string, { status, json }: SmokeResponse): void {
  expectSame(`${what}, status`, status, 200);
  if (typeof json !== 'object' || json === null || !('result' in json))
    throw new Unexpected(`${what}: no result came.`);
  const { result } = json;
  if (typeof result === 'object' && result !== null && 'isError' in result && result.isError === true)
    throw new Unexpected(`${what}: the tool failed with ${failureCode(result)}.`);
}

/** Throws unless the body is JSON. */
export function expectJson(what: string, { json }: SmokeResponse): void {
  if (typeof json !== 'object' || json === null) throw new Unexpected(`${what}: the body is no JSON.`);
}

/** A failed send is tried once more: what is judged here is the server, not one packet. */
export async function again<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Unexpected || error instanceof Skipped) throw error;
    await delay(500);
    return act();
  }
}

function failureCode(result: object): string {
  const { structuredContent } = result as { structuredContent?: { code?: unknown } };
  return typeof structuredContent?.code === 'string' ? structuredContent.code : 'no code';
}

function jsonOf(text: string): unknown {
  const event = [...text.matchAll(/^data: (.*)$/gm)].at(-1)?.[1];
  try {
    return JSON.parse(event ?? text) as unknown;
  } catch {
    return undefined;
  }
}
