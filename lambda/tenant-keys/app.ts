/**
 * `POST /tenant-keys`: a Request and a Principal to a Response. The tenant comes from the authorizer alone; the body
 * says how long the key lives and nothing else. The key stands in the response and nowhere else.
 */
import * as z from 'zod';
import {
  jsonResponse,
  readJson,
  refuse,
  serveJson,
  unknownParameter,
  wrongParameter,
  type Refusal,
} from '../../adapters/http/json-edge.ts';
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

/** The body is one number of seconds: about thirty characters. */
const MAX_BODY_BYTES = 1_024;
const TENANCY = ['org_id', 'user_id'];

const Body = z.strictObject({ ttl_seconds: z.int().min(TENANT_KEY_LIFE.min).max(TENANT_KEY_LIFE.max) });

export function createTenantKeysApp(deps: TenantKeysDeps): TenantKeysApp {
  return (request, principal) => {
    const { keyId, clientId } = principal;
    const tenantKeyId = principal.kind === 'rejected' ? principal.tenantKeyId : undefined;
    const line = { method: request.method, route: '/tenant-keys', keyId, tenantKeyId, clientId };
    return serveJson({ ...deps, event: 'tenant key request', line, failed: FAILED }, () =>
      serve(deps, request, principal),
    );
  };
}

async function serve(deps: TenantKeysDeps, request: Request, principal: Principal): Promise<Response> {
  if (principal.kind === 'rejected') return refuse(wrongParameter(principal.problem));
  if (principal.kind !== 'issuer') return refuse(NOT_AN_ISSUER);
  // A name that was mistyped would make a key for the default user.
  const unknown = unknownParameter(new URL(request.url).searchParams, TENANCY);
  if (unknown !== undefined) return refuse(unknown);
  const body = await readJson(request, { maxBytes: MAX_BODY_BYTES, help: WRONG_BODY.next });
  if (!body.ok) return refuse(body.fault.code === 'invalid_input' ? WRONG_BODY : body.fault);
  const parsed = Body.safeParse(body.value);
  return parsed.success ? make(deps, principal, parsed.data.ttl_seconds) : refuse(WRONG_BODY);
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
  return jsonResponse(201, { key, expires_at: record.expiresAt, tenant: { org_id: org, user_id: user } });
}

const WRONG_BODY: Refusal = {
  code: 'invalid_input',
  message: `The body must be a JSON object with ttl_seconds, an integer of ${TENANT_KEY_LIFE.min}..${TENANT_KEY_LIFE.max}, and nothing else.`,
  next: 'Send a body like {"ttl_seconds": 900}; the tenant is named by org_id and user_id in the URL.',
};

const NOT_AN_ISSUER: Refusal = {
  code: 'forbidden',
  message: 'This key cannot make tenant keys.',
  next: 'Use a client or platform key.',
};

const FAILED = {
  message: 'The key could not be made.',
  next: 'Try again; if it stays, tell your administrator the reference.',
};
