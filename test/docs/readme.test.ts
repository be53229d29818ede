/** README.md: short, and its client configuration, tenancy table and figures are those of the code. */
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { hashKey, mintKey, type ApiKeyRecord, type KeyType } from '../../core/keys/api-key.ts';
import { authenticate } from '../../core/keys/authenticate.ts';
import { PROJECT_ROOT } from '../../lib/project.ts';
import { renderCatalog } from '../../providers/render.ts';
import { startBitrix24Fake } from '../fakes/bitrix24.ts';
import { principalOf } from '../fakes/principal.ts';
import { toldCommands } from './commands.ts';
import { codeBlocks, readPage, section, tableRows } from './markdown.ts';

const NUMBERS = ['Zero', 'One', 'Two', 'Three', 'Four', 'Five', 'Six'];
const page = readPage('README.md');

const serverWith = (name: string, value: RegExp) =>
  z.looseObject({
    url: z.literal('http://127.0.0.1:8787/mcp'),
    headers: z.strictObject({ [name]: z.string().regex(value, 'a key is never written into the file') }),
  });
const Server = serverWith('X-API-Key', /^\$\{.+\}$/);
const named = (server: z.ZodType) => z.object({ mcpServers: z.object({ allmcp: server }) });

describe('README.md', () => {
  it('has fewer than 150 lines', () => {
    expect(page.trimEnd().split('\n').length).toBeLessThan(150);
  });

  it('runs it with one line and tests it with one, as CI does', () => {
    const first = (heading: string) => toldCommands(section(page, heading))[0]?.line;
    expect([first('Try it'), first('Test')]).toEqual(['npm ci && npm start', 'npm ci && npm test']);
    const taken = [...readPage('.ci/run').matchAll(/line_of '([^']+)'/g)].map(([, heading]) => heading);
    expect(taken).toEqual(['Try it', 'Test']);
  });

  it('opens with three doors', () => {
    const doors = ['**Use it:**', '**Run it in your account:**', '**Change it:**'].map((door) => page.indexOf(door));
    expect(doors).toEqual(doors.toSorted((a, b) => a - b));
    expect(Math.min(...doors)).toBeGreaterThan(0);
    expect(Math.max(...doors)).toBeLessThan(page.indexOf('\n## '));
  });

  it('shows each client its own form of configuration, without a key in it', () => {
    const [claude, cursor, code] = codeBlocks(section(page, 'Connect a client'))
      .filter(({ language }) => language === 'json')
      .map(({ text }) => JSON.parse(text) as unknown);
    // Claude Code and Codex take any other header for an invitation to sign in by OAuth, and hide what a refusal says.
    expect(named(serverWith('Authorization', /^Bearer \$\{.+\}$/)).parse(claude)).toMatchObject({
      mcpServers: { allmcp: { type: 'http' } },
    });
    expect(section(page, 'Connect a client')).toContain('--bearer-token-env-var ALLMCP_API_KEY');
    named(Server).parse(cursor);
    const { inputs, servers } = z
      .object({
        inputs: z.array(z.looseObject({ type: z.literal('promptString'), id: z.string(), password: z.literal(true) })),
        servers: z.object({ allmcp: Server }),
      })
      .parse(code);
    expect(servers.allmcp.headers['X-API-Key']).toBe(`\${input:${inputs[0]?.id}}`);
  });

  it('says which tenant the URL means, and which keys may ask for it', async () => {
    const rows = tableRows(section(page, 'Whose accounts: the URL says'));
    expect(rows).toHaveLength(4);
    for (const [org, user, , keys = ''] of rows) {
      const query = { ...(org === 'set' ? { org_id: ['o'] } : {}), ...(user === 'set' ? { user_id: ['u'] } : {}) };
      const allowed: string[] = [];
      for (const type of ['solo', 'client', 'platform'] as const) {
        const tenant = await tenantFor(type, query);
        if (tenant === undefined) continue;
        allowed.push(type);
        // An organization without a user is Solo.
        const asked = user === 'set' ? { ...(org === 'set' ? { org: 'o' } : {}), user: 'u' } : {};
        expect(tenant).toBe(principalOf(asked).tenant);
      }
      expect([org, user, allowed.join(', ')]).toEqual([org, user, keys === 'any' ? 'solo, client, platform' : keys]);
    }
  });

  it('counts the providers and tools there are', async () => {
    const { providers, tools } = await renderCatalog(PROJECT_ROOT);
    const [, many, count, names] = /(\w+) providers are here so far, with (\d+) tools: ([^.]+)\./.exec(page) ?? [];
    expect([providers.map((provider) => provider.name), tools.length]).toEqual([names?.split(', '), Number(count)]);
    const unverified = providers.filter(({ verified }) => !verified).map(({ name }) => name);
    const [, some, listed] = /(\w+) of them are not\s+verified: ([^.]+)\./.exec(page) ?? [];
    expect([some, listed]).toEqual([NUMBERS[unverified.length], unverified.join(', ')]);
    expect(NUMBERS.indexOf(many ?? '')).toBe(providers.length);
  });

  it('routes the fake portal to where it listens', async () => {
    const text = section(page, 'Connect Bitrix24');
    const [, port] = /bitrix24-main\.ts --port (\d+)/.exec(text) ?? [];
    const [, host, target] = /--route ([\w.]+)=http:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? [];
    expect(target).toBe(port);
    const fake = await startBitrix24Fake();
    expect(`https://${host}${fake.path}`).toMatch(
      /^https:\/\/[a-z0-9-]+\.bitrix24\.com\/rest\/\d+\/[A-Za-z0-9]{8,64}\/$/,
    );
    await fake.stop();
  });
});

async function tenantFor(type: KeyType, query: Record<string, string[]>): Promise<string | undefined> {
  const key = mintKey();
  const { policy, limits, clientId, confirm } = principalOf();
  const record: ApiKeyRecord = {
    kind: 'api',
    keyId: 'k_1',
    status: 'active',
    display: '',
    createdAt: '2026-01-01T00:00:00Z',
    clientId,
    type,
    limits,
    policy,
    confirm,
  };
  const keys = {
    find: async (hash: string) => (hash === hashKey(key) ? record : undefined),
    findTenantKey: async () => undefined,
  };
  const decision = await authenticate({ apiKeys: [key], authorizations: [], query, audience: 'mcp' }, keys, 0);
  return decision.ok && decision.value.kind === 'tenant' ? decision.value.tenant : undefined;
}
