/** What reaches the functions: both eras of the protocol, ids as they were sent, the tags of a session, scope, links. */
import { expectJson, expectResult, expectSame, rpc, sendRequest, Skipped, Unexpected } from './request.ts';
import type { SmokeResponse, SmokeTarget } from './request.ts';

const MODERN = '2026-07-28';
const LEGACY = '2025-06-18';
const CLIENT_INFO = { name: 'allmcp-smoke', version: '1' };
/** The shortest life of a tenant key: what is made here is gone soon. */
const TTL_SECONDS = 60;

export async function handshakes(target: SmokeTarget): Promise<void> {
  const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: CLIENT_INFO };
  expectResult('initialize', await rpc(target, 'initialize', { params }));
  const body = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const headers = { 'content-type': 'application/json', accept: ACCEPT, 'x-api-key': target.key };
  const told = await sendRequest(target, `/mcp${target.tenant}`, { headers, body });
  expectSame('notifications/initialized', [told.status, told.text], [202, '']);
  const listed = await rpc(target, 'tools/list', {
    params: {
      _meta: {
        'io.modelcontextprotocol/protocolVersion': MODERN,
        'io.modelcontextprotocol/clientCapabilities': {},
        'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
      },
    },
    headers: { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/list' },
  });
  expectResult(`tools/list of ${MODERN}`, listed);
}

/** A tenant key says whose it is: that is the whole way there and back through the authorizer's answer. */
export async function idsAsSent(target: SmokeTarget): Promise<void> {
  needsOrganizations(target);
  for (const [org, user] of [
    ['é', '😀'],
    ['a/b', 'a+b'],
    ['#', 'a b'],
    ['%', '=h'],
  ] as const) {
    const query = `?${new URLSearchParams({ org_id: org, user_id: user }).toString()}`;
    const made = await tenantKey(target, query);
    expectSame(`the key for ${org} and ${user}`, made.status, 201);
    const { tenant } = made.json as { tenant?: unknown };
    expectSame(`the tenant of ${org} and ${user}`, tenant, { org_id: org, user_id: user });
  }
  for (const query of ['?user_id=a&user_id=b', '?user_id=', '?org_id=&user_id=a'])
    expectSame(`POST /mcp${query}`, (await rpc(target, 'tools/list', { path: `/mcp${query}` })).status, 400);
}

/** The tags of such a session are the largest there are: STS has to take them. */
export async function longIds(target: SmokeTarget): Promise<void> {
  needsOrganizations(target);
  for (const [what, org, user] of [
    ['ids of 90 letters', 'a'.repeat(90), 'b'.repeat(90)],
    ['ids of 200 letters', 'a'.repeat(200), 'b'.repeat(200)],
    ['ids of 60 Cyrillic letters', 'ж'.repeat(60), 'я'.repeat(60)],
    ['ids of 15 Cyrillic letters', 'ж'.repeat(15), 'я'.repeat(15)],
  ] as const) {
    const path = `/mcp?${new URLSearchParams({ org_id: org, user_id: user }).toString()}`;
    expectResult(what, await rpc(target, 'tools/call', { path, params: { name: 'list_connections', arguments: {} } }));
  }
}

export async function scope(target: SmokeTarget): Promise<void> {
  const made = await tenantKey(target, target.tenant);
  if (made.status === 403) throw new Skipped('a solo key makes no tenant keys; give a client or platform key');
  expectSame('POST /tenant-keys', made.status, 201);
  const { key } = made.json as { key?: unknown };
  if (typeof key !== 'string') throw new Unexpected('POST /tenant-keys: no key came.');
  const own = { ...target, key, tenant: '' };
  expectSame('its own tenant', (await rpc(own, 'tools/list')).status, 200);
  const other = await rpc(own, 'tools/list', { path: '/mcp?user_id=somebody%22else' });
  expectSame('another user', other.status, 403);
  expectJson('the refusal of another user', other);
  const { error } = other.json as { error?: { message?: unknown } };
  if (typeof error?.message !== 'string' || error.message.length < 20)
    throw new Unexpected('the refusal of another user: no reason is said.');
}

export async function connectLinks(target: SmokeTarget): Promise<void> {
  const body = JSON.stringify({ provider_key: 'bitrix24' });
  const headers = { 'content-type': 'application/json', 'x-api-key': target.key };
  const made = await sendRequest(target, `/connect-links${target.tenant}`, { headers, body });
  expectSame('POST /connect-links', made.status, 201);
  const { url } = made.json as { url?: unknown };
  if (typeof url !== 'string' || !url.startsWith(`${target.url}/connect/`))
    throw new Unexpected('the link does not begin with the address given here.');
  const page = await sendRequest(target, url.slice(target.url.length), { method: 'GET' });
  expectSame('GET of the link', page.status, 200);
  for (const [name, wanted] of [
    ['content-type', /^text\/html/],
    ['content-security-policy', /frame-ancestors 'none'/],
    ['set-cookie', /HttpOnly/i],
  ] as const)
    if (!wanted.test(page.headers.get(name) ?? '')) throw new Unexpected(`the page has no right ${name}.`);
}

function tenantKey(target: SmokeTarget, query: string): Promise<SmokeResponse> {
  const headers = { 'content-type': 'application/json', 'x-api-key': target.key };
  return sendRequest(target, `/tenant-keys${query}`, { headers, body: JSON.stringify({ ttl_seconds: TTL_SECONDS }) });
}

function needsOrganizations({ organizations }: SmokeTarget): void {
  if (!organizations) throw new Skipped('needs a platform key that is pinned to no organization');
}

const ACCEPT = 'application/json, text/event-stream';
