/** Which server is asked, and that the operator key goes nowhere else. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { allmcp, close, dataFolder, listen, startCliServer, type CliServer } from './set-up.ts';

let server: CliServer;
beforeAll(async () => {
  server = await startCliServer();
});
afterAll(() => server.stop());

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function data(files: Parameters<typeof dataFolder>[0]): string {
  const { dir, remove } = dataFolder(files);
  cleanups.push(remove);
  return dir;
}
const LIST = ['clients', 'list', '--json'];
const none = async (): Promise<never> => {
  throw new Error('nothing may be fetched');
};

describe('the local server', () => {
  it('is found by its data folder, given as --data or as ALLMCP_DATA', async () => {
    const dir = data({ url: server.url, operatorKey: server.operatorKey });
    expect((await allmcp([...LIST, '--data', dir])).code).toBe(0);
    expect((await allmcp(LIST, { env: { ALLMCP_DATA: dir } })).code).toBe(0);
  });

  it('does not count when its process is gone', async () => {
    const dir = data({ url: server.url, operatorKey: server.operatorKey });
    const { code, err } = await allmcp([...LIST, '--data', dir], { alive: () => false, fetch: none });
    expect(code).toBe(1);
    expect(err).toContain('npm start');
  });

  it('does not count when its file names another machine', async () => {
    const dir = data({ url: 'https://evil.example', operatorKey: server.operatorKey });
    const { code, err } = await allmcp([...LIST, '--data', dir], { fetch: none });
    expect(code).toBe(1);
    expect(err).toContain('No server is running');
  });

  it('is said to be missing, with every way out', async () => {
    const { code, out, err } = await allmcp(LIST, { env: { ALLMCP_DATA: data({}) } });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('npm start');
    expect(err).toContain('ALLMCP_DATA=<folder>');
    expect(err).toContain('ALLMCP_URL');
  });
});

describe('ALLMCP_URL', () => {
  it('wins over the local server', async () => {
    const dir = data({ url: 'http://127.0.0.1:9', operatorKey: 'allmcp_local' });
    const env = { ALLMCP_DATA: dir, ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: server.operatorKey };
    expect((await allmcp(LIST, { env })).code).toBe(0);
  });

  it('uses the key beside it, or the key of the local server when it names that one', async () => {
    const local = { ALLMCP_DATA: data({ url: server.url, operatorKey: server.operatorKey }), ALLMCP_URL: server.url };
    expect((await allmcp(LIST, { env: local })).code).toBe(0);
    const { err } = await allmcp(LIST, { env: { ...local, ALLMCP_OPERATOR_KEY: 'allmcp_other' } });
    expect(err).toContain('does not know this operator key');
    const elsewhere = await allmcp(LIST, { env: { ...local, ALLMCP_URL: 'https://tools.example.com' }, fetch: none });
    expect(elsewhere.err).toContain('ALLMCP_OPERATOR_KEY is not set');
  });

  it.each(['/', '/mcp', '/mcp/', '/admin/v1', '/admin/v1/'])('may be given with %s at its end', async (end) => {
    const env = { ALLMCP_URL: server.url + end, ALLMCP_OPERATOR_KEY: server.operatorKey };
    expect((await allmcp(LIST, { env })).code).toBe(0);
  });

  it('keeps the stage of a deployed API', async () => {
    const env = { ALLMCP_URL: `${server.url}/v1/mcp`, ALLMCP_OPERATOR_KEY: server.operatorKey };
    expect((await allmcp(LIST, { env })).code).toBe(0);
    expect(server.asked.at(-1)).toBe('GET /v1/admin/v1/clients +key');
  });

  it.each([
    ['http://tools.example.com', 'https'],
    ['http://127.0.0.1.evil.example', 'https'],
    ['http://localhost.evil.example', 'https'],
    ['ftp://tools.example.com', 'web address'],
    ['tools.example.com', 'web address'],
    ['https://user:pass@tools.example.com', 'user name'],
  ])('%s is refused before anything is sent', async (url, why) => {
    const { code, err } = await allmcp(LIST, { env: { ALLMCP_URL: url, ALLMCP_OPERATOR_KEY: 'k' }, fetch: none });
    expect(code).toBe(1);
    expect(err).toContain(why);
  });

  it.each([undefined, '', 'two words', 'a\nb'])('needs an operator key beside it, and %j is none', async (key) => {
    const env = { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: key };
    const { code, err } = await allmcp(LIST, { env, fetch: none });
    expect(code).toBe(1);
    expect(err).toContain('ALLMCP_OPERATOR_KEY');
  });
});

describe('the operator key', () => {
  it('that is not accepted is said so, and never printed', async () => {
    const env = { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: 'allmcp_wrongwrongwrong' };
    const { code, out, err } = await allmcp(LIST, { env });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('bootstrap');
    expect(err).not.toContain('wrongwrong');
  });

  it('that is an API key is refused in the words of the server', async () => {
    const message = 'This is an API key. /admin/v1 takes an operator key.';
    const refusal = { jsonrpc: '2.0', id: null, error: { code: -32_003, message } };
    const gateway = await listen(() => Response.json(refusal, { status: 403 }));
    cleanups.push(() => close(gateway.server));
    const { code, out, err } = await allmcp(LIST, { env: { ALLMCP_URL: gateway.url, ALLMCP_OPERATOR_KEY: 'k' } });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(message);
    expect(err).toContain('ALLMCP_OPERATOR_KEY');
  });

  it('does not follow a redirect', async () => {
    const reached: string[] = [];
    const thief = await listen((request) => {
      reached.push(String(request.url));
      return Response.json({ clients: [] });
    });
    const bouncer = await listen(() => Response.redirect(`${thief.url}/admin/v1/clients`, 307));
    cleanups.push(
      () => close(thief.server),
      () => close(bouncer.server),
    );
    const env = { ALLMCP_URL: bouncer.url, ALLMCP_OPERATOR_KEY: 'allmcp_x' };
    expect((await allmcp(LIST, { env })).code).toBe(1);
    expect(reached).toEqual([]);
  });
});

describe('an answer that is none of ours', () => {
  it.each([
    ['a page', () => new Response('<html>', { status: 200 }), 'does not speak'],
    ['another JSON', () => Response.json([1]), 'does not speak'],
    ['a bare failure', () => new Response('bad', { status: 502 }), '502'],
    [
      'a refusal with escape sequences',
      () =>
        Response.json(
          { error: { code: 'conflict', message: 'a\u001b[2Jb', next: '\u001b]0;x\u0007' } },
          { status: 409 },
        ),
      'a [2Jb',
    ],
  ])('ends %s as refused, and the terminal gets no control characters', async (_name, answer, says) => {
    const other = await listen(answer);
    cleanups.push(() => close(other.server));
    const { code, out, err } = await allmcp(LIST, { env: { ALLMCP_URL: other.url, ALLMCP_OPERATOR_KEY: 'k' } });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(says);
    expect(err.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('says that nothing answers when nothing does', async () => {
    const env = { ALLMCP_URL: 'http://127.0.0.1:1', ALLMCP_OPERATOR_KEY: 'k' };
    const { code, err } = await allmcp(LIST, { env });
    expect(code).toBe(1);
    expect(err).toContain('No answer from http://127.0.0.1:1');
  });
});
