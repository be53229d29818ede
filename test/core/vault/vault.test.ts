import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Connection } from '../../../core/vault/connection.ts';
import { contextBytes, encryptionContext, openEnvelope, sealEnvelope } from '../../../core/vault/envelope.ts';
import { Secret } from '../../../core/vault/secret.ts';
import { tenantId } from '../../../core/tenant/tenant.ts';
import { createVault, PLAINTEXT_TTL_MS } from '../../../core/vault/vault.ts';
import { fakeDataKeys } from '../../fakes/stores.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const tenant = tenantId({ client: 'acme', org: 'o', user: 'u' });
const other = tenantId({ client: 'acme', org: 'o', user: 'v' });

async function stored(vault: ReturnType<typeof createVault>, version = 'v1', value = 'hunter2'): Promise<Connection> {
  const envelope = await vault.seal(tenant, 'example', 'default', { api_key: value });
  return {
    provider: 'example',
    name: 'default',
    auth: 'token',
    accountName: 'Ann',
    facts: {},
    status: 'active',
    connectedAt: '',
    version,
    envelope,
  };
}

describe('the envelope', () => {
  it('gives the known bytes for a known key, context and nonce', () => {
    const context = encryptionContext(tenant, 'example', 'default');
    const { ct, tag } = sealEnvelope(
      { plaintext: Buffer.alloc(32, 7), encrypted: Buffer.from('edk') },
      context,
      '{"api_key":"x"}',
      Buffer.alloc(12, 1),
    );
    expect(contextBytes(context).toString()).toBe(
      '[["client","acme"],["connection","default"],["org","o"],["provider","example"],["user","u"],["v","1"]]',
    );
    expect([ct, tag].map((bytes) => Buffer.from(bytes).toString('hex'))).toMatchInlineSnapshot(`
[
  "0dc3e8c7f9e0876ba8f6e60308150d",
  "2d5344645252ac5634429ba899db6f53",
]
`);
  });

  it('opens under its own context only', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('client', 'org', 'user', 'provider', 'connection'),
        fc.string(),
        (text, part, changed) => {
          const context = encryptionContext(tenant, 'example', 'default');
          fc.pre(context[part as keyof typeof context] !== changed);
          const envelope = sealEnvelope({ plaintext: Buffer.alloc(32, 7), encrypted: Buffer.alloc(1) }, context, text);
          expect(openEnvelope(Buffer.alloc(32, 7), context, envelope)).toBe(text);
          expect(() => openEnvelope(Buffer.alloc(32, 7), { ...context, [part]: changed }, envelope)).toThrow();
        },
      ),
    );
  });

  it('does not open when a single bit was changed', () => {
    const context = encryptionContext(tenant, 'example', 'default');
    const envelope = sealEnvelope({ plaintext: Buffer.alloc(32, 7), encrypted: Buffer.alloc(1) }, context, 'text');
    for (const part of ['ct', 'iv', 'tag'] as const) {
      const changed = Buffer.from(envelope[part]);
      changed[0] = (changed[0] ?? 0) ^ 1;
      expect(() => openEnvelope(Buffer.alloc(32, 7), context, { ...envelope, [part]: changed })).toThrow();
    }
  });

  it('wipes the data key after use', () => {
    const key = Buffer.alloc(32, 7);
    sealEnvelope({ plaintext: key, encrypted: Buffer.alloc(1) }, encryptionContext(tenant, 'p', 'c'), 'text');
    expect(key.every((byte) => byte === 0)).toBe(true);
  });
});

describe('the vault', () => {
  it('opens what it sealed and keeps the plain text for a minute', async () => {
    let now = 1_000_000;
    const keys = fakeDataKeys();
    const vault = createVault(keys, () => now);
    const connection = await stored(vault);
    for (let i = 0; i < 3; i += 1)
      expect((await vault.open(tenant, connection)).reveal()).toEqual({ api_key: 'hunter2' });
    expect(keys.calls).toEqual(['generate', 'decrypt']);
    now += PLAINTEXT_TTL_MS + 1;
    await vault.open(tenant, connection);
    expect(keys.calls).toEqual(['generate', 'decrypt', 'decrypt']);
  });

  it('lets go of the plain text when its minute is up, whether anybody asks again or not', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const vault = createVault(fakeDataKeys(), Date.now);
      const held = await (async () => new WeakRef(await vault.open(tenant, await stored(vault))))();
      const isHeld = async (): Promise<boolean> => {
        await new Promise((resolve) => setImmediate(resolve));
        collectGarbage();
        return held.deref() !== undefined;
      };
      jest.advanceTimersByTime(PLAINTEXT_TTL_MS - 1_000);
      expect(await isHeld()).toBe(true);
      jest.advanceTimersByTime(2_000);
      expect(await isHeld()).toBe(false);
      // The vault itself is still in use.
      await vault.open(tenant, await stored(vault));
    } finally {
      jest.useRealTimers();
    }
  });

  it('never gives one tenant the plain text of another, cached or not', async () => {
    const vault = createVault(fakeDataKeys(), Date.now);
    const connection = await stored(vault);
    await vault.open(tenant, connection);
    await expect(vault.open(other, connection)).rejects.toThrow();
  });

  it('does not use a cached plain text for another version of the credential', async () => {
    const vault = createVault(fakeDataKeys(), Date.now);
    await vault.open(tenant, await stored(vault, 'v1', 'old'));
    expect((await vault.open(tenant, await stored(vault, 'v2', 'new'))).reveal()).toEqual({ api_key: 'new' });
  });

  it('holds at most 500 plain texts', async () => {
    const keys = fakeDataKeys();
    const vault = createVault(keys, Date.now);
    const first = await stored(vault);
    await vault.open(tenant, first);
    for (let i = 0; i < 500; i += 1) {
      const user = tenantId({ client: 'acme', user: String(i) });
      const envelope = await vault.seal(user, 'example', 'default', { api_key: 'x' });
      await vault.open(user, { ...first, envelope });
    }
    const before = keys.calls.length;
    await vault.open(tenant, first);
    expect(keys.calls.length).toBe(before + 1);
  });
});

describe('a Secret', () => {
  it('does not show its value in any way of printing', () => {
    const secret = new Secret({ api_key: 'hunter2' });
    const shown = [
      JSON.stringify({ secret }),
      String(secret),
      inspect(secret, { showHidden: true, depth: 9 }),
      JSON.stringify(Object.entries(secret)),
    ];
    for (const text of shown) expect(text).not.toContain('hunter2');
    expect(secret.reveal()).toEqual({ api_key: 'hunter2' });
  });
});
