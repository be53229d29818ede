/** The calls for products over an endpoint in memory, and addresses to return to that are not allowed. */
import { ClientSettings, OrgSettings, type SettingsReader } from '../../../../core/tenant/settings.ts';
import type { Principal } from '../../../../core/keys/principal.ts';
import { createEmbedApp, type EmbedDeps } from '../../../../lambda/mcp/products/app.ts';
import { createLog } from '../../../../core/log.ts';
import { principalOf } from '../../../fakes/principal.ts';
import { connectCall, GOOD, setUpMcp } from '../connecting.ts';
import { firstClient, PUBLIC_URL } from '../endpoint.ts';

export const NOW = Date.UTC(2026, 10, 22, 10);
export const ANN = principalOf({ org: 'jsm', user: 'ann' });
export const ALLOWED = [
  'https://app.example.com/connected',
  'https://app.example.com/back/',
  'http://localhost:3000/done',
];
export const ONE = '/connections/{provider_key}';

/** What people try where one address is allowed. */
export const ELSEWHERE = [
  'https://evil.example/connected',
  'https://app.example.com.evil.example/connected',
  'https://app.example.com@evil.example/connected',
  'https://evil.example\\@app.example.com/connected',
  '//evil.example/connected',
  'http://app.example.com/connected',
  'https://app.example.com:8443/connected',
  'https://app.example.com/connected/more',
  'https://app.example.com/back',
  'https://app.example.com/back/../admin',
  'https://app.example.com/back/%2e%2e/admin',
  'https://app.example.com/connected#x',
  'https://user@app.example.com/connected',
  'http://localhost:3001/done',
  'javascript:alert(1)//app.example.com/connected',
  'data:text/html,x',
  '/connected',
  '',
];

export function setUpProducts(more: Partial<EmbedDeps> = {}) {
  const served = setUpMcp({ principal: ANN, deps: { clock: () => NOW } });
  const asked: unknown[] = [];
  const settings: SettingsReader = {
    async find(owner) {
      asked.push(owner);
      return { client: ClientSettings.parse({ return_urls: ALLOWED }), org: OrgSettings.parse({}) };
    },
  };
  const lines: string[] = [];
  const log = createLog({ service: 'mcp', write: (line) => lines.push(line), clock: () => NOW });
  const app = createEmbedApp({ ...served.deps, settings, ...more }, log);
  async function ask(method: string, path: string, body?: unknown, principal: Principal = ANN, resource?: string) {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const request = new Request(PUBLIC_URL + path, {
      method,
      ...(text === undefined ? {} : { body: text, headers: { 'content-type': 'application/json' } }),
    });
    const response = await app(request, principal, {
      requestId: 'r1',
      publicUrl: PUBLIC_URL,
      resource: resource ?? path.replace(/\?.*$/, '').replace(/^\/connections\/.+$/, ONE),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as never };
  }
  const connected = async (connection?: string, principal = ANN) => {
    const client = await firstClient(served.fetchAs(principal));
    await client.callTool(connectCall({ api_key: GOOD, ...(connection === undefined ? {} : { connection }) }));
    return client;
  };
  return { ...served, ask, lines, asked, connected };
}

export const link = (body: object) => ({ provider_key: 'example', ...body });
