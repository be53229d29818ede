/** What a link, its code and the state of a question must not be good for. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { principalOf } from '../../fakes/principal.ts';
import { connectCall, GOOD, setUpMcp, structured } from './connecting.ts';
import { firstClient } from './endpoint.ts';
import { modernRequest } from './modern-request.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';

const BY_URL = { elicitation: { url: {} } };
const WRITE = { name: 'example_paint_thing', arguments: { id: '1', color: 'blue' } };
const ACCEPTED = { connect: { action: 'accept' } };

interface Asked {
  readonly requestState: string;
  readonly inputRequests: { readonly connect: { readonly params: { readonly url: string; readonly message: string } } };
}
interface Message {
  readonly result?: Asked & { readonly structuredContent?: Record<string, unknown> };
  readonly error?: { readonly code: number; readonly data?: unknown };
}

let world: ReturnType<typeof setUpMcp>;
let asked: Asked;
const post = async (
  params: Readonly<Record<string, unknown>>,
  fetch: ReturnType<typeof setUpMcp>['fetch'] = world.fetch,
) => (await modernRequest(fetch, 'tools/call', params, BY_URL)).messages.at(-1) as Message;

const principal = principalOf({ org: 'jsm', user: 'ann' });
beforeEach(async () => {
  world = setUpMcp({ principal });
  const { result } = await post(WRITE);
  if (result === undefined) throw new Error('not asked');
  asked = result;
  await world.openLink(asked.inputRequests.connect.params.url);
});
const REFUSED = { error: { code: -32602, data: { reason: 'invalid_request_state' } } };
const writes = () => world.tools().filter(({ method }) => method === 'POST');

describe('the state of a question to connect', () => {
  it('lets its own call go on', async () => {
    const { requestState } = asked;
    expect(await post({ ...WRITE, requestState, inputResponses: ACCEPTED })).toMatchObject({
      result: { structuredContent: { applied: { color: true } } },
    });
    expect(writes()).toHaveLength(1);
  });

  it('is refused when another tenant brings it back', async () => {
    const { requestState } = asked;
    for (const other of [{ org: 'jsm', user: 'bob' }, { org: 'other', user: 'ann' }, { user: 'ann' }, {}]) {
      const stranger = world.fetchAs(principalOf(other));
      expect(await post({ ...WRITE, requestState, inputResponses: ACCEPTED }, stranger)).toMatchObject(REFUSED);
    }
    expect(writes()).toEqual([]);
  });

  it('is refused when it comes back with another call', async () => {
    const { requestState } = asked;
    const others = [
      { ...WRITE, arguments: { id: '2', color: 'blue' } },
      { ...WRITE, arguments: { ...WRITE.arguments, connection: 'work' } },
      { name: 'example_erase_thing', arguments: WRITE.arguments },
      { name: 'call_tool', arguments: { tool: WRITE.name, arguments: WRITE.arguments } },
      connectCall(),
    ];
    for (const other of others)
      expect(await post({ ...other, requestState, inputResponses: ACCEPTED })).toMatchObject(REFUSED);
    expect(world.tools()).toEqual([]);
  });

  it('is refused when any part of it was changed, and shows neither link nor code', async () => {
    const { requestState, inputRequests } = asked;
    const { url, message } = inputRequests.connect.params;
    const [, code = ''] = /the code (\S+) there/.exec(message) ?? [];
    const seen = Buffer.from(requestState, 'base64url').toString('latin1');
    for (const hidden of [url, url.slice(-43), code]) expect([requestState, seen].join()).not.toContain(hidden);
    for (let i = 3; i < requestState.length; i += 97) {
      const changed = requestState.slice(0, i) + (requestState[i] === 'A' ? 'B' : 'A') + requestState.slice(i + 1);
      expect(await post({ ...WRITE, requestState: changed, inputResponses: ACCEPTED })).toMatchObject(REFUSED);
    }
    expect(writes()).toEqual([]);
  });
});

describe('a link to connect', () => {
  it('leaves its secret, its code and their hashes in no log line and no note of a failure', async () => {
    const client = await firstClient(world.fetch);
    const given = [structured(await client.callTool(connectCall({ connection: 'work' })))];
    world.accepted.clear();
    const { connect } = structured(await client.callTool(WRITE));
    const failures = JSON.stringify(await world.usage.recentFailures(principal.tenant));
    const links = [...given, ...(connect === undefined ? [] : [connect])];
    expect(links).toHaveLength(2);
    const secrets = [asked.inputRequests.connect.params.url, ...links.map(({ url }) => url)].map((url) =>
      url.slice(-43),
    );
    const hidden = [
      ...secrets,
      ...secrets.map(hashSecret),
      ...links.map(({ code }) => code),
      ...[...world.links.rows.values()].map(({ codeHash }) => codeHash),
    ];
    const logged = world.lines.join('\n');
    expect(world.lines.map((line) => (JSON.parse(line) as { event: string }).event)).toContain('tool call');
    expect(world.lines.length).toBeGreaterThan(2);
    for (const text of hidden) {
      expect(logged).not.toContain(text);
      expect(failures).not.toContain(text);
    }
    expect(logged).not.toContain('https:');
    expect(failures).toContain('reconnect_required');
  });

  it('is stored by hashes only', async () => {
    const { url } = structured(await (await firstClient(world.fetch)).callTool(connectCall({ connection: 'work' })));
    const stored = JSON.stringify([...world.links.rows.values()]);
    expect(stored).toContain(hashSecret(url.slice(-43)));
    expect(stored).not.toContain(url.slice(-43));
    expect(stored).not.toContain(GOOD);
  });
});
