/**
 * Connecting an account: check the fields, prove the credential at the provider, seal, store. A credential that the
 * provider refuses is never stored, and no value of a field is ever quoted back.
 */
import type { Auth, Facts, FormAuth } from '../provider/auth.ts';
import { fieldMessage, suspicion } from '../provider/fields.ts';
import { type Fault, fault } from '../fault.ts';
import { isDead } from '../provider-error-classes.ts';
import { accountLabel, type Connection, type ConnectionFacts, type ConnectionStore } from '../vault/connection.ts';
import type { Provider } from '../provider/provider.ts';
import { regardless, type Log } from '../log.ts';
import { fail, ok, type Result } from '../result.ts';
import { Secret } from '../vault/secret.ts';
import { exchangeToken } from '../oauth/token-exchange.ts';
import { withLastResponse } from '../egress/observe.ts';
import { send, type SendDeps } from '../egress/send.ts';
import type { TenantId } from '../tenant/tenant.ts';
import type { Credential, Vault } from '../vault/vault.ts';

export interface ConnectDeps extends SendDeps {
  readonly connections: ConnectionStore;
  readonly vault: Vault;
  /** What is told of consents that led to nothing. */
  readonly notes: { clear(tenant: TenantId, provider: string, connection: string): Promise<void> };
  readonly newId: () => string;
  readonly log: Log;
}

export interface ConnectRequest {
  readonly tenant: TenantId;
  readonly provider: Provider;
  readonly auth: FormAuth;
  readonly fields: Secret<Credential>;
  readonly name: string;
  readonly signal: AbortSignal;
  /** Asked after the provider has accepted the credential; when it answers false, nothing is stored. */
  readonly claim?: () => Promise<boolean>;
}

const MAX_CONNECTIONS_PER_PROVIDER = 20;

export function connectWithFields(deps: ConnectDeps, request: ConnectRequest): Promise<Result<Connection, Fault>> {
  return withLastResponse(deps, (observed) => checkAndStore(observed, request));
}

async function checkAndStore(deps: ConnectDeps, request: ConnectRequest): Promise<Result<Connection, Fault>> {
  const { provider, auth } = request;
  const problem = fieldMessage(auth, request.fields.reveal());
  if (problem !== undefined) return fail(fault('invalid_input', problem));

  const facts = auth.derive(request.fields.reveal());
  let credential = request.fields;
  if (auth.kind === 'token_exchange') {
    const exchanged = await exchangeToken(deps, { provider, auth, facts, credential, signal: request.signal });
    if (!exchanged.ok) return fail(refused(request, exchanged.fault));
    credential = exchanged.value;
  }
  const proved = await proveAndStore(deps, { ...request, facts, credential });
  return proved.ok ? proved : fail(refused(request, proved.fault));
}

export interface Proof {
  readonly tenant: TenantId;
  readonly provider: Provider;
  readonly auth: Auth;
  readonly name: string;
  readonly facts: Facts;
  readonly credential: Secret<Credential>;
  readonly signal: AbortSignal;
  /** Why this account may not take the place of the one connected under the name, if it may not. */
  readonly objection?: (before: ConnectionFacts, account: string) => Fault | undefined;
  /** Asked last before storing; when it answers false, nothing is stored. */
  readonly claim?: () => Promise<boolean>;
}

/** Calls the provider with the credential, learns whose account it is, seals and stores. */
export async function proveAndStore(deps: ConnectDeps, proof: Proof): Promise<Result<Connection, Fault>> {
  const { tenant, provider, auth, name, facts, credential, signal } = proof;
  const existing = await deps.connections.list(tenant, provider.key);
  const replaced = existing.find((connection) => connection.name === name);
  if (replaced === undefined && existing.length >= MAX_CONNECTIONS_PER_PROVIDER)
    return fail(
      fault('conflict', `There are ${existing.length} ${provider.name} connections already.`, {
        next: 'Disconnect one first.',
      }),
    );

  const tested = await send(deps, {
    tenant,
    provider,
    facts,
    authId: auth.id,
    credential,
    request: provider.probe.request,
    write: false,
    signal,
  });
  if (!tested.ok) return tested;
  const account = accountLabel(provider.probe.account(tested.value.body)) ?? provider.name;
  const objection = replaced === undefined ? undefined : proof.objection?.(replaced, account);
  if (objection !== undefined) return fail(objection);
  if (proof.claim !== undefined && !(await proof.claim()))
    return fail(fault('conflict', 'This invitation to connect was used meanwhile. Nothing was stored.'));

  const connection: Connection = {
    provider: provider.key,
    name,
    auth: auth.id,
    accountName: account,
    facts,
    status: 'active',
    connectedAt: replaced?.connectedAt ?? new Date(deps.clock()).toISOString(),
    version: deps.newId(),
    envelope: await deps.vault.seal(tenant, provider.key, name, credential.reveal()),
  };
  await deps.connections.put(tenant, connection);
  // An older consent that failed is no news any more.
  await regardless(deps.log, 'consent not noted', () => deps.notes.clear(tenant, provider.key, name));
  return ok(connection);
}

function refused({ provider, auth, fields }: ConnectRequest, failure: Fault): Fault {
  if (!isDead(failure)) return failure;
  const odd = suspicion(auth, fields.reveal());
  return fault('invalid_input', `${provider.name} refused this credential.${odd === undefined ? '' : ` ${odd}`}`, {
    next: 'Check that it was copied whole and has not been revoked, then connect again.',
  });
}
