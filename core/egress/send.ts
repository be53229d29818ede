/**
 * Sends one tool request to its provider: credential in, egress check, pace, deadline, answer classes, retries.
 * Invariants: a write that may have run is never sent again; no answer passes on the credential it was asked with.
 */
import { type Fault, fault, mayHaveHappened } from '../fault.ts';
import type { Log } from '../log.ts';
import { classify } from '../provider/classify.ts';
import { mayRepeat } from '../provider-error-classes.ts';
import type { Connection } from '../vault/connection.ts';
import { MOST_REDIRECTS, redirected } from './redirect.ts';
import {
  egressProblem,
  MAX_RESPONSE_BYTES,
  TransportError,
  type TransportResponse,
  type OutgoingRequest,
  type Transport,
} from './egress.ts';
import { jsonOrText, type JsonObject } from '../json.ts';
import type { Injection } from '../provider/auth.ts';
import type { Provider, ProviderResponse } from '../provider/provider.ts';
import { secretTexts, withoutSecrets } from '../provider/redact.ts';
import type { ToolRequest } from '../provider/request.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Secret } from '../vault/secret.ts';
import type { TenantId } from '../tenant/tenant.ts';
import type { RateLimiter } from '../meter/rate-limit.ts';
import type { Credential } from '../vault/vault.ts';
import type { Clock } from '../time.ts';

export interface SendDeps {
  readonly transport: Transport;
  readonly rateLimiter: RateLimiter;
  readonly clock: Clock;
  /** Ends early, without an error, when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Outgoing {
  readonly tenant: TenantId;
  readonly provider: Provider;
  readonly facts: Connection['facts'];
  readonly authId: string;
  readonly credential: Secret<Credential>;
  readonly request: ToolRequest;
  readonly write: boolean;
  readonly signal: AbortSignal;
  /** Told what could not be read of an answer to a change. */
  readonly log?: Log | undefined;
  /** Told why a call is taking longer. */
  readonly onWait?: OnWait | undefined;
  /** The arguments that make the response smaller, for one that is too large. */
  readonly narrowBy?: (() => readonly string[]) | undefined;
}

/** A sentence for a person; it holds no argument and no address. */
export type OnWait = (why: string) => void;

const ATTEMPTS = 4;
const FIRST_BACKOFF_MS = 700;
/** Of all waits of one call together: waiting holds an environment. */
const LONGEST_BACKOFF_MS = 6_000;
/** Where a provider throttles and does not say for how long: limits that outlast the tries here are those of a minute. */
const UNTOLD_THROTTLE_SECONDS = 60;

type Tried = Result<ProviderResponse, Fault & { readonly again: boolean }>;

export async function send(deps: SendDeps, outgoing: Outgoing): Promise<Result<ProviderResponse, Fault>> {
  const rendered = render(outgoing);
  if (!rendered.ok) return rendered;
  let waited = 0;
  for (let attempt = 1; ; attempt += 1) {
    const tried = await attemptOnce(deps, outgoing, rendered.value);
    if (tried.ok) return tried;
    const { again, ...failure } = tried.fault;
    const waitMs = failure.retry_after === undefined ? backoff(attempt) : failure.retry_after * 1000;
    if (!again || attempt === ATTEMPTS || waited + waitMs > LONGEST_BACKOFF_MS) return fail(withWait(failure));
    waited += waitMs;
    outgoing.onWait?.(`${outgoing.provider.name}: trying again in ${seconds(waitMs)}`);
    await deps.sleep(waitMs, outgoing.signal);
    if (outgoing.signal.aborted) return fail(withWait(failure));
  }
}

/** Who is throttled is always told for how long. */
function withWait(failure: Fault): Fault {
  const { code, message, next, cause, retry_after } = failure;
  if (cause !== 'rate_limited' || retry_after !== undefined) return failure;
  const own = next === fault(code, message).next ? {} : { next };
  return fault(code, message, { cause, retry_after: UNTOLD_THROTTLE_SECONDS, ...own });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function backoff(attempt: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), LONGEST_BACKOFF_MS);
}

async function attemptOnce(deps: SendDeps, outgoing: Outgoing, request: OutgoingRequest): Promise<Tried> {
  const { provider, write, signal } = outgoing;
  const paced = await waitForSlot(deps, outgoing);
  if (paced !== undefined) return fail({ ...paced, again: false });
  if (signal.aborted) return fail({ ...timedOut(provider.name, false), again: false });
  try {
    const response = parse(await respond(deps, outgoing, request), secretsOf(outgoing));
    const failure = unreadable(provider.name, response, write) ?? classify(provider, response, write, deps.clock());
    if (failure === undefined) return ok(response);
    return fail({ ...failure, again: mayRepeat(failure, write) });
  } catch (error) {
    if (error instanceof TransportError) return fail(transportFault(provider.name, error, outgoing));
    // Whatever it was, it came after sending.
    if (!write) throw error;
    outgoing.log?.error('answer not read', { provider: provider.key, error });
    return fail({ ...mayHaveHappened(`The answer of ${provider.name} to a change could not be read.`), again: false });
  }
}

/** What the provider responds, for a read also from where it sends us on its own hosts. */
async function respond(
  deps: SendDeps,
  { provider, write, signal }: Outgoing,
  request: OutgoingRequest,
): Promise<TransportResponse> {
  let response = await deps.transport(request, signal);
  let next = write ? undefined : redirected(request, response, provider.hosts);
  for (let hops = 0; next !== undefined && hops < MOST_REDIRECTS; hops += 1) {
    response = await deps.transport(next, signal);
    next = redirected(next, response, provider.hosts);
  }
  return response;
}

async function waitForSlot(
  deps: SendDeps,
  { provider, tenant, facts, signal, onWait }: Outgoing,
): Promise<Fault | undefined> {
  if (provider.rateLimit === undefined) return undefined;
  const slot = await deps.rateLimiter.take(
    tenant,
    `${provider.key}#${provider.rateLimit.scope(facts)}`,
    provider.rateLimit,
  );
  if ('fault' in slot)
    return { ...slot.fault, message: `${provider.name} allows no more calls for this account right now.` };
  if (slot.waitMs > 0) {
    onWait?.(`${provider.name} allows the next call in ${seconds(slot.waitMs)}`);
    await deps.sleep(slot.waitMs, signal);
  }
  return undefined;
}

function render({ provider, authId, credential, facts, request }: Outgoing): Result<OutgoingRequest, Fault> {
  const auth = provider.auth.find(({ id }) => id === authId);
  if (auth === undefined)
    return fail(
      fault('reconnect_required', `${provider.name} is no longer connected in this way.`, {
        cause: 'reconnect_required',
      }),
    );
  const injected = auth.inject(credential.reveal(), facts);
  const url = addressOf(injected, request, facts);
  if (url === undefined)
    return fail(fault('invalid_input', `The ${provider.name} address of this connection is not a valid one.`));
  const body = bodyOf(injected, request);
  const rendered: OutgoingRequest = {
    method: request.method,
    url,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...injected.headers,
    },
    body,
  };
  const problem = egressProblem(rendered, provider.hosts);
  return problem === undefined
    ? ok(rendered)
    : fail(fault('invalid_input', `The call to ${provider.name} was not sent: ${problem}.`));
}

/** `{company_id}` in a path stands for that fact of the connection; an argument cannot write one, as `path` encodes it. */
function addressOf(injected: Injection, request: ToolRequest, facts: Connection['facts']): URL | undefined {
  const base = request.base ?? injected.baseUrl;
  if (!URL.canParse(base)) return undefined;
  const path = request.path.replaceAll(/\{([a-z_]+)\}/g, (_whole, name: string) =>
    encodeURIComponent((facts[name] ?? '').toWellFormed()),
  );
  const url = new URL(base.replace(/\/+$/, '') + path);
  for (const [name, value] of Object.entries({ ...request.query, ...injected.query })) {
    if (value !== undefined) url.searchParams.append(name, String(value));
  }
  return url;
}

function bodyOf(injected: Injection, request: ToolRequest): string | undefined {
  if (request.body === undefined && injected.body === undefined) return undefined;
  // A list has no place for a credential; providers that want one in the body take objects only.
  if (Array.isArray(request.body)) return JSON.stringify(request.body);
  return JSON.stringify({ ...(request.body as JsonObject), ...injected.body });
}

function secretsOf({ provider, authId, credential }: Outgoing): readonly string[] {
  return secretTexts(credential.reveal(), provider.auth.find(({ id }) => id === authId)?.fields ?? []);
}

function parse({ status, headers, text }: TransportResponse, secrets: readonly string[]): ProviderResponse {
  if (text === '') return { status, headers, body: null };
  return { status, headers, body: withoutSecrets(jsonOrText(text), secrets) };
}

/** A success whose body is not JSON says nothing about what happened. */
function unreadable(name: string, { status, body }: ProviderResponse, write: boolean): Fault | undefined {
  if (status < 200 || status >= 300 || typeof body !== 'string') return undefined;
  return write
    ? mayHaveHappened(`${name} answered a change with something that is not JSON.`)
    : fault('provider_down', `${name} answered with something that is not JSON.`);
}

function timedOut(name: string, mayHaveRun: boolean): Fault {
  return mayHaveRun
    ? mayHaveHappened(`${name} did not answer in time after a change was sent.`)
    : fault('timeout', `${name} did not answer in time.`);
}

function transportFault(
  name: string,
  error: TransportError,
  { write, narrowBy }: Pick<Outgoing, 'write' | 'narrowBy'>,
): Fault & { again: boolean } {
  const mayHaveRun = write && error.sent;
  switch (error.kind) {
    case 'timeout':
      return { ...timedOut(name, mayHaveRun), again: false };
    case 'blocked':
      return { ...fault('forbidden', `The ${name} address does not lead to the public internet.`), again: false };
    case 'too_large':
      return mayHaveRun
        ? { ...mayHaveHappened(`${name} answered a change with more than can be read.`), again: false }
        : { ...tooLarge(name, narrowBy?.() ?? []), again: false };
    case 'unreadable':
      return mayHaveRun
        ? { ...mayHaveHappened(`${name} answered a change in an encoding that is not known.`), again: false }
        : { ...fault('provider_down', `${name} answered in an encoding that is not known.`), again: false };
    case 'unreachable':
      return mayHaveRun
        ? { ...mayHaveHappened(`The connection to ${name} broke after a change was sent.`), again: false }
        : { ...fault('provider_down', `${name} could not be reached.`), again: true };
  }
}

/** @param by the arguments to ask for less with; without any there is nothing that the caller could do. */
function tooLarge(name: string, by: readonly string[]): Fault {
  const message = `${name} answered with more than ${MAX_RESPONSE_BYTES / 1024 / 1024} MB, which is more than can be read.`;
  return by.length === 0
    ? fault('invalid_input', message, { next: `Tell the user: ${name} gives this as a whole only. Use another tool.` })
    : fault('invalid_input', message, { next: `Ask for less at once, with: ${by.join(', ')}.` });
}
