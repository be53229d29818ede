/**
 * `POST /tenant-keys`: a Request and a Principal to a Response. The tenant comes from the authorizer alone; the body
 * says how long the key lives and nothing else. The key stands in the answer and nowhere else.
 */
import * as z from 'zod';
import { tenantMark, type Log } from '../../core/log.ts';
import type { IssuerPrincipal, Principal } from '../../core/keys/principal.ts';
import { tenantId } from '../../core/tenant/tenant.ts';
import { issueTenantKey, TENANT_KEY_LIFE, type TenantKeyDeps } from '../../core/keys/tenant-key.ts';

export interface TenantKeysDeps extends TenantKeyDeps {
  readonly log: Log;
  /** A fresh id for a failure, in the answer and in the log. */
  readonly newId: () => string;
}

export type TenantKeysApp = (request: Request, principal: Principal) => Promise<Response>;

/** Many times what the body needs. */
const MAX_BODY_BYTES = 1_024;
const TENANCY = ['org_id', 'user_id'];

const Body = z.strictObject({ ttl_seconds: z.int().min(TENANT_KEY_LIFE.min).max(TENANT_KEY_LIFE.max) });

export const FAILURES = { invalid_input: 400, forbidden: 403, internal: 500 } as const;

interface Failure {
  readonly code: keyof typeof FAILURES;
  readonly message: string;
  readonly next: string;
  readonly reference?: string;
}

export function createTenantKeysApp(deps: TenantKeysDeps): TenantKeysApp {
  return async (request, principal) => {
    if (principal.kind === 'rejected') return refuse(wrongParameters(principal.problem));
    if (principal.kind !== 'issuer') return refuse(NOT_AN_ISSUER);
    // A name that was mistyped would make a key for the default user.
    if ([...new URL(request.url).searchParams.keys()].some((name) => !TENANCY.includes(name)))
      return refuse(wrongParameters(`The parameters here are: ${TENANCY.join(', ')}.`));
    const seconds = await secondsOf(request);
    if (seconds === undefined) return refuse(WRONG_BODY);
    return make(deps, principal, seconds).catch((error: unknown) => {
      const reference = deps.newId();
      deps.log.error('making a tenant key failed', { error, reference, keyId: principal.keyId });
      return refuse(broken(reference));
    });
  };
}

async function make(deps: TenantKeysDeps, issuer: IssuerPrincipal, seconds: number): Promise<Response> {
  const { clientId, org, user } = issuer;
  const { key, record } = await issueTenantKey(deps, issuer, seconds);
  deps.log.info('tenant key made', {
    keyId: issuer.keyId,
    tenantKeyId: record.keyId,
    clientId,
    tenant: tenantMark(tenantId({ client: clientId, org, user })),
  });
  return tenantKeyResponse(201, { key, expires_at: record.expiresAt, tenant: { org_id: org, user_id: user } });
}

/** Undefined for every body that is not exactly the one asked for. */
async function secondsOf(request: Request): Promise<number | undefined> {
  const text = await request.text();
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) return undefined;
  try {
    return Body.safeParse(JSON.parse(text)).data?.ttl_seconds;
  } catch {
    return undefined;
  }
}

function tenantKeyResponse(status: number, body: unknown): Response {
  return Response.json(body, {
    status,
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  });
}

function refuse(error: Failure): Response {
  return tenantKeyResponse(FAILURES[error.code], { error });
}

const WRONG_BODY: Failure = {
  code: 'invalid_input',
  message: `The body must be a JSON object with ttl_seconds, an integer of ${TENANT_KEY_LIFE.min}..${TENANT_KEY_LIFE.max}, and nothing else.`,
  next: 'Send a body like {"ttl_seconds": 900}; the tenant is named by org_id and user_id in the URL.',
};

const NOT_AN_ISSUER: Failure = {
  code: 'forbidden',
  message: 'This key cannot make tenant keys.',
  next: 'Use a client or platform key.',
};

function wrongParameters(problem: string): Failure {
  return {
    code: 'invalid_input',
    message: problem,
    next: 'Correct the parameter in the URL and send the request again.',
  };
}

function broken(reference: string): Failure {
  return {
    code: 'internal',
    message: 'The key could not be made.',
    next: 'Try again; if it stays, tell your administrator the reference.',
    reference,
  };
}
