/**
 * Sends one tool request to its provider: credential in, egress check, pace, deadline, answer classes, retries.
 * Invariants: a write that may have run is never sent again; no answer passes on the credential it was asked with.
 */
import { type Fault, fault } from '../fault.ts';
import { classify } from '../provider/classify.ts';
import { mayRepeat } from '../provider-error-classes.ts';
import type { Connection } from '../vault/connection.ts';
import {
  egressProblem,
  TransportError,
  type TransportResponse,
  type OutgoingRequest,
  type Transport,
} from './egress.ts';
import type { JsonObject } from '../json.ts';
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
  /** Told why a call is taking longer. */
  readonly onWait?: OnWait | undefined;
}

/** A sentence for a person; it holds no argument and no address. */
export type OnWait = (why: string) => void;

const ATTEMPTS = 4;
const FIRST_BACKOFF_MS = 700;
/** Of all waits of one call together: waiting holds an environment. */
const LONGEST_BACKOFF_MS = 6_000;

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
    if (!again || attempt === ATTEMPTS || waited + waitMs > LONGEST_BACKOFF_MS) return fail(failure);
    waited += waitMs;
    outgoing.onWait?.(`${outgoing.provider.name}: trying again in ${seconds(waitMs)}`);
    await deps.sleep(waitMs, outgoing.signal);
    if (outgoing.signal.aborted) return fail(failure);
  }
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
    const response = parse(await deps.transport(request, signal), secretsOf(outgoing));
    const failure = unreadable(provider.name, response, write) ?? classify(provider, response, write, deps.clock());
    if (failure === undefined) return ok(response);
    return fail({ ...failure, again: mayRepeat(failure, write) });
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return fail(transportFault(provider.name, error, write));
  }
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
    encodeURIComponent(facts[name] ?? ''),
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
  return { status, headers, body: withoutSecrets(parseBody(text), secrets) };
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A success whose body is not JSON says nothing about what happened. */
function unreadable(name: string, { status, body }: ProviderResponse, write: boolean): Fault | undefined {
  if (status < 200 || status >= 300 || typeof body !== 'string') return undefined;
  return write
    ? fault('may_have_happened', `${name} answered a change with something that is not JSON.`)
    : fault('provider_down', `${name} answered with something that is not JSON.`);
}

function timedOut(name: string, mayHaveRun: boolean): Fault {
  return mayHaveRun
    ? fault('may_have_happened', `${name} did not answer in time after a change was sent.`)
    : fault('timeout', `${name} did not answer in time.`);
}

function transportFault(name: string, error: TransportError, write: boolean): Fault & { again: boolean } {
  const mayHaveRun = write && error.sent;
  switch (error.kind) {
    case 'timeout':
      return { ...timedOut(name, mayHaveRun), again: false };
    case 'blocked':
      return { ...fault('forbidden', `The ${name} address does not lead to the public internet.`), again: false };
    case 'too_large':
      return mayHaveRun
        ? { ...fault('may_have_happened', `${name} answered a change with more than can be read.`), again: false }
        : { ...fault('invalid_input', `${name} answered with more than can be read. Ask for less.`), again: false };
    case 'unreachable':
      return mayHaveRun
        ? { ...fault('may_have_happened', `The connection to ${name} broke after a change was sent.`), again: false }
        : { ...fault('provider_down', `${name} could not be reached.`), again: true };
  }
}
