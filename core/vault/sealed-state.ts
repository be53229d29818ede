/**
 * State that travels through a client and comes back: sealed under the tenant's own data key, so that only the same
 * tenant opens it, only for the same purpose, and only for ten minutes unless it is told otherwise. KMS and the tenant's session enforce the
 * tenant; rotation of the key is KMS's. A client can neither read nor change it.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { openEnvelope, sealEnvelope, type EncryptionContext } from './envelope.ts';
import { tenantTags, type TenantId } from '../tenant/tenant.ts';
import type { DataKeys } from './envelope.ts';
import type { Clock } from '../time.ts';

export interface SealedStates {
  /**
   * @param purpose what the state may be used for, e.g. the method, tool and arguments it belongs to.
   * @param ttlMs how long it may be used.
   * @default ttlMs - ten minutes
   */
  seal(tenant: TenantId, purpose: string, payload: unknown, ttlMs?: number): Promise<string>;
  /** The payload, or undefined when the text was made for another purpose or tenant, was changed, or is too old. */
  open(tenant: TenantId, purpose: string, text: string): Promise<unknown>;
}

export const STATE_TTL_MS = 600_000;
const MAX_TEXT = 16_384;

const bytes = z.base64url().transform((text) => Buffer.from(text, 'base64url'));
const Wire = z.strictObject({ e: bytes, i: bytes, c: bytes, t: bytes });
const Inside = z.strictObject({ exp: z.int(), payload: z.unknown() });

export function createSealedStates(dataKeys: DataKeys, clock: Clock): SealedStates {
  return {
    async seal(tenant, purpose, payload, ttlMs = STATE_TTL_MS) {
      const context = contextOf(tenant, purpose);
      const dataKey = await dataKeys.generate(tenant, context);
      const { edk, iv, ct, tag } = sealEnvelope(dataKey, context, JSON.stringify({ exp: clock() + ttlMs, payload }));
      const encoded = { e: text(edk), i: text(iv), c: text(ct), t: text(tag) };
      return Buffer.from(JSON.stringify(encoded)).toString('base64url');
    },
    async open(tenant, purpose, sealed) {
      const wire = readWire(sealed);
      if (wire === undefined) return undefined;
      const context = contextOf(tenant, purpose);
      try {
        const dataKey = await dataKeys.decrypt(tenant, context, wire.e);
        const inside = Inside.parse(
          JSON.parse(openEnvelope(dataKey, context, { v: 1, edk: wire.e, iv: wire.i, ct: wire.c, tag: wire.t })),
        );
        return inside.exp > clock() ? inside.payload : undefined;
      } catch {
        // Another tenant's, another purpose's, or a changed one: KMS or the cipher refuses, and all look the same.
        return undefined;
      }
    },
  };
}

/** A name no provider or connection can have, so that a state never opens as a credential or the other way round. */
function contextOf(tenant: TenantId, purpose: string): EncryptionContext {
  const digest = createHash('sha256').update(purpose).digest('base64url');
  return { ...tenantTags(tenant), provider: '-state', connection: digest };
}

function readWire(sealed: string): z.infer<typeof Wire> | undefined {
  if (sealed.length > MAX_TEXT) return undefined;
  try {
    return Wire.parse(JSON.parse(Buffer.from(sealed, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}

function text(part: Uint8Array): string {
  return Buffer.from(part).toString('base64url');
}
