/** The laptop runtime as the matrix uses it: keys that work, keys that do not, and a Bitrix24 portal on loopback. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startE2e } from '../e2e/runtime.ts';
import { startBitrix24Fake } from '../fakes/bitrix24.ts';
import type { RefusalName } from './visit.ts';

const PORTAL = 'demo.bitrix24.com';

export interface ClientsSetUp {
  readonly url: string;
  readonly keys: { readonly good: string };
  /** The credential that connects the portal. */
  readonly webhook: string;
  readonly home: string;
  /** Tenancy parameters of a user nobody was before. */
  readonly newUser: () => string;
  readonly refused: (name: RefusalName) => { readonly query: string; readonly key: string };
  /** A key of few requests a minute, and what uses up its minute. */
  readonly limited: () => Promise<{ readonly key: string; readonly useUp: () => Promise<void> }>;
  /** A text without what differs from run to run: ports, keys and folders. */
  readonly withoutChance: (text: string) => string;
  readonly stop: () => Promise<void>;
}

export async function setUpClients(): Promise<ClientsSetUp> {
  const scratch = mkdtempSync(join(tmpdir(), 'allmcp-clients-'));
  const home = join(scratch, 'home');
  mkdirSync(home);
  const fake = await startBitrix24Fake({ burst: 10_000 });
  const data = join(scratch, 'data');
  const runtime = await startE2e({ data, routes: { [PORTAL]: fake.url } });
  const good = await runtime.createKey({ client: 'acme', type: 'platform' });
  const pinned = await runtime.createKey({ client: 'acme', type: 'platform', org: ['blue'] });
  const revoked = await runtime.createKey({ client: 'acme', type: 'platform' });
  const { status } = await runtime.admin('POST', `/keys/${revoked.id}/revoke`);
  if (status !== 200) throw new Error(`the key was not revoked: ${status}`);
  const refused: Readonly<Record<RefusalName, { query: string; key: string }>> = {
    'wrong key': { query: 'user_id=u', key: mistyped(good.key) },
    'revoked key': { query: 'user_id=u', key: revoked.key },
    'forbidden organization': { query: 'user_id=u&org_id=red', key: pinned.key },
  };
  let users = 0;
  return {
    url: runtime.url,
    keys: { good: good.key },
    webhook: `https://${PORTAL}${fake.path}`,
    home,
    newUser: () => `user_id=user-${(users += 1)}`,
    refused: (name) => refused[name],
    limited: async () => {
      const { key } = await runtime.createKey({ client: 'acme', type: 'platform', rpm: 30 });
      const ask = async (): Promise<number> => {
        const headers = { 'x-api-key': key, 'content-type': 'application/json', accept: 'application/json' };
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
        const { status } = await fetch(runtime.mcp(), { method: 'POST', headers, body });
        return status;
      };
      const useUp = async (): Promise<void> => {
        for (let asked = 0; asked < 100; asked += 1) if ((await ask()) === 429) return;
        throw new Error('the key has no limit');
      };
      return { key, useUp };
    },
    withoutChance: (text) =>
      text
        .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
        .replaceAll(/again in \d+ seconds/g, 'again in N seconds')
        .replaceAll(/agent-[A-Za-z0-9]{6}/g, 'agent')
        .replaceAll(/allmcp_[A-Za-z0-9]{32}/g, 'KEY')
        .replaceAll(home, '~'),
    stop: async () => {
      await runtime.stop();
      await fake.stop();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** The key with its last character changed. */
function mistyped(key: string): string {
  return key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
}
