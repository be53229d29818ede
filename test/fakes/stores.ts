/** The ports in memory, for tests of the domain: same contract as the adapters, no AWS. */
import { randomBytes } from 'node:crypto';
import type * as z from 'zod';
import { ClientSettings, OrgSettings, type SettingsReader } from '../../core/tenant/settings.ts';
import type { ConsentNote, ConsentNotes } from '../../core/consent/note.ts';
import type { Connection, ConnectionStore } from '../../core/vault/connection.ts';
import { contextBytes } from '../../core/vault/envelope.ts';
import type { KeptResults } from '../../core/call/kept-result.ts';
import type { ConnectLink, ConnectLinkWriter } from '../../core/connect/link.ts';
import type { TenantId } from '../../core/tenant/tenant.ts';
import type { Failure } from '../../core/meter/failure.ts';
import type { UsageCount, UsageStore } from '../../core/meter/usage.ts';
import type { RateLimiter } from '../../core/meter/rate-limit.ts';
import type { KeyLimiter } from '../../core/meter/key-limits.ts';
import type { DataKeys } from '../../core/vault/envelope.ts';

/** Wraps data keys under the context as KMS does: another context does not open them. */
export function fakeDataKeys(): DataKeys & { readonly calls: string[] } {
  const wrapped = new Map<string, { plaintext: Buffer; context: string }>();
  const calls: string[] = [];
  return {
    calls,
    async generate(_tenant, context) {
      calls.push('generate');
      const plaintext = randomBytes(32);
      const encrypted = randomBytes(48);
      wrapped.set(encrypted.toString('hex'), {
        plaintext: Buffer.from(plaintext),
        context: contextBytes(context).toString(),
      });
      return { plaintext, encrypted };
    },
    async decrypt(_tenant, context, encrypted) {
      calls.push('decrypt');
      const found = wrapped.get(Buffer.from(encrypted).toString('hex'));
      if (found === undefined || found.context !== contextBytes(context).toString())
        throw new Error('InvalidCiphertextException');
      return Buffer.from(found.plaintext);
    },
  };
}

export function fakeConnections(): ConnectionStore & { readonly rows: Map<string, Connection> } {
  const rows = new Map<string, Connection>();
  const holders = new Map<string, string>();
  const key = (tenant: TenantId, provider: string, name: string) => JSON.stringify([tenant, provider, name]);
  const ofTenant = (tenant: TenantId, provider?: string) =>
    [...rows.entries()]
      .filter(
        ([id, row]) =>
          (JSON.parse(id) as string[])[0] === tenant && (provider === undefined || row.provider === provider),
      )
      .map(([, row]) => row)
      .toSorted((a, b) => (a.connectedAt < b.connectedAt ? -1 : 1));
  const change = (tenant: TenantId, { provider, name }: Connection, next: (row: Connection) => Connection): boolean => {
    const row = rows.get(key(tenant, provider, name));
    const changed = row && next(row);
    if (changed !== undefined) rows.set(key(tenant, provider, name), changed);
    return changed !== row;
  };
  return {
    rows,
    async list(tenant, provider) {
      return ofTenant(tenant, provider).map((row) => {
        const { envelope: _envelope, leaseUntil: _lease, timeouts: _timeouts, downUntil: _down, ...facts } = row;
        return facts;
      });
    },
    async first(tenant, provider) {
      return ofTenant(tenant, provider)[0];
    },
    async put(tenant, connection) {
      rows.set(key(tenant, connection.provider, connection.name), connection);
    },
    async remove(tenant, provider, name, version) {
      const id = key(tenant, provider, name);
      if (version !== undefined && rows.get(id)?.version !== version) return false;
      return rows.delete(id);
    },
    async needsReconnecting(tenant, provider, name, version) {
      const row = rows.get(key(tenant, provider, name));
      if (row?.version !== version || row.status !== 'active') return false;
      rows.set(key(tenant, provider, name), { ...row, status: 'needs_reconnecting' });
      return true;
    },
    async get(tenant, provider, name) {
      return rows.get(key(tenant, provider, name));
    },
    async lease(tenant, { provider, name, version }, { holder, now, until }) {
      const id = key(tenant, provider, name);
      const row = rows.get(id);
      if (row?.version !== version || row.status !== 'active' || (row.leaseUntil ?? 0) > now) return undefined;
      const leased = { ...row, leaseUntil: until };
      rows.set(id, leased);
      holders.set(id, holder);
      return leased;
    },
    async release(tenant, { provider, name }, holder) {
      const id = key(tenant, provider, name);
      const row = rows.get(id);
      if (row !== undefined && holders.get(id) === holder) rows.set(id, { ...row, leaseUntil: undefined });
    },
    async storeRenewed(tenant, connection, replaces) {
      const id = key(tenant, connection.provider, connection.name);
      if (rows.get(id)?.version !== replaces) return false;
      rows.set(id, { ...connection, status: 'active', leaseUntil: undefined });
      return true;
    },
    async countTimeout(tenant, connection, most, until) {
      change(tenant, connection, (row) => {
        if (row.version !== connection.version) return row;
        const timeouts = (row.timeouts ?? 0) + 1;
        return { ...row, timeouts, ...(timeouts < most ? {} : { downUntil: until }) };
      });
    },
    async forgetTimeouts(tenant, connection) {
      change(tenant, connection, ({ timeouts: _timeouts, downUntil: _down, ...row }) => row);
    },
    async claimProbe(tenant, connection, until) {
      return change(tenant, connection, (row) =>
        row.downUntil === connection.downUntil ? { ...row, downUntil: until } : row,
      );
    },
  };
}

export function fakeUsage(
  clock: () => number,
): UsageStore & { readonly reports: unknown[]; readonly failed: readonly Failure[] } {
  const rows = new Map<string, UsageCount>();
  const failures = new Map<TenantId, Failure[]>();
  const failed: Failure[] = [];
  const reports: unknown[] = [];
  return {
    reports,
    failed,
    async count(tenant, provider, connection, failed) {
      const key = JSON.stringify([tenant, provider, connection]);
      const row = rows.get(key) ?? { month: '', provider, connection, calls: 0, failures: 0, lastUsedAt: '' };
      rows.set(key, {
        ...row,
        month: new Date(clock()).toISOString().slice(0, 7),
        calls: row.calls + 1,
        failures: row.failures + (failed ? 1 : 0),
        lastUsedAt: new Date(clock()).toISOString(),
      });
    },
    async read(tenant) {
      return [...rows.entries()].filter(([key]) => (JSON.parse(key) as string[])[0] === tenant).map(([, row]) => row);
    },
    async noteFailure(tenant, failure) {
      failures.set(tenant, [failure, ...(failures.get(tenant) ?? [])]);
      failed.push(failure);
    },
    async recentFailures(tenant) {
      return (failures.get(tenant) ?? []).slice(0, 10);
    },
    async report(_principal, report) {
      reports.push(report);
      return true;
    },
  };
}

export function fakeTicketWriter(): ConnectLinkWriter & { readonly rows: Map<string, ConnectLink> } {
  const rows = new Map<string, ConnectLink>();
  return {
    rows,
    async put(link) {
      rows.set(link.hash, link);
    },
  };
}

/** What was set for every client; by default nothing. */
export function fakeSettings(set: z.input<typeof ClientSettings> = {}): SettingsReader {
  return { find: async () => ({ client: ClientSettings.parse(set), org: OrgSettings.parse({}) }) };
}

export function fakeConsentNotes(): ConsentNotes & { readonly rows: Map<string, ConsentNote> } {
  const rows = new Map<string, ConsentNote>();
  const slot = (tenant: string, provider: string, connection: string) => `${tenant}|${provider}|${connection}`;
  return {
    rows,
    put: async (tenant, note) => void rows.set(slot(tenant, note.provider, note.connection), note),
    clear: async (tenant, provider, connection) => void rows.delete(slot(tenant, provider, connection)),
    find: async (tenant, provider, connection) => rows.get(slot(tenant, provider, connection)),
  };
}

export const noLimits: KeyLimiter = {
  request: async () => ({ ok: true }),
  reserve: async () => ({ ok: true, giveBack: async () => undefined }),
  used: async () => undefined,
};

export const noPace: RateLimiter = { take: async () => ({ waitMs: 0 }) };

export function fakeResults(): KeptResults {
  const kept = new Map<string, string>();
  return {
    async keep(tenant, text) {
      const id = randomBytes(9).toString('base64url');
      kept.set(JSON.stringify([tenant, id]), text);
      return id;
    },
    find: async (tenant, id) => kept.get(JSON.stringify([tenant, id])),
  };
}
