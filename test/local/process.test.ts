/** `npm start` as a process: what it prints, how it stops, what survives, and what it says when it cannot start. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { testAssembly } from '../e2e/runtime.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'allmcp-process-'));
const running = new Set<ChildProcess>();
let assembly: string;
let folders = 0;

interface Server {
  readonly child: ChildProcess;
  readonly data: string;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
  readonly url: () => string;
}

const freshData = (): string => join(scratch, String((folders += 1)));

const DIRECT = [process.execPath, '--import', 'tsx', 'local/main.ts'] as const;

function start(
  data: string,
  args: readonly string[] = ['--port', '0'],
  env: Record<string, string> = {},
  [command, ...before]: readonly [string, ...string[]] = DIRECT,
): Server {
  const child = spawn(command, [...before, '--data', data, ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ALLMCP_ASSEMBLY: assembly, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    data,
    output: () => text,
    exited,
    url: () => (JSON.parse(readFileSync(join(data, 'server.json'), 'utf8')) as { url: string }).url,
  };
}

async function ready(server: Server): Promise<Server> {
  for (let i = 0; i < 600; i += 1) {
    if (/^ready /m.test(server.output())) return server;
    if (server.child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not ready: ${server.output()}`);
}

/** Process ids of a server and of everything it started. Linux. */
function family(pid: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const];
      } catch {
        return [];
      }
    });
  const found = [pid];
  for (const one of found) found.push(...parents.filter(([, parent]) => parent === one).map(([child]) => child));
  return found;
}

const alive = (pid: number): boolean => {
  try {
    // A zombie answers signals, too.
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
};
async function gone(pids: readonly number[], withinMs: number): Promise<readonly number[]> {
  const end = Date.now() + withinMs;
  while (Date.now() < end && pids.some(alive)) await new Promise((resolve) => setTimeout(resolve, 20));
  return pids.filter(alive);
}

const admin = (server: Server, method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${server.url()}/admin/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${readFileSync(join(server.data, 'operator-key'), 'utf8').trim()}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const mcpStatus = async (server: Server, key: string): Promise<number> =>
  (
    await fetch(`${server.url()}/mcp?user_id=u`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    })
  ).status;

beforeAll(async () => {
  assembly = await testAssembly();
}, 180_000);
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the first start', () => {
  it('prints address, key and configuration, and last a line that begins with ready', async () => {
    const server = await ready(start(freshData()));
    const url = server.url();
    const text = server.output();
    const [key = ''] = /allmcp_[A-Za-z0-9]{32}/.exec(text) ?? [];
    expect(text).toContain(`${url}/mcp`);
    expect(JSON.parse(/^\{[^]*^\}/m.exec(text)?.[0] ?? '')).toEqual({
      mcpServers: { allmcp: { type: 'http', url: `${url}/mcp`, headers: { 'X-API-Key': key } } },
    });
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^ready /);
    expect(await mcpStatus(server, key)).toBe(200);
    expect(statSync(join(server.data, 'operator-key')).mode & 0o777).toBe(0o600);
    expect(((await (await admin(server, 'GET', '/keys')).json()) as { keys: object[] }).keys).toMatchObject([
      { client: 'local', type: 'platform' },
    ]);
  });

  it('is the only one that shows a key', async () => {
    const first = await ready(start(freshData()));
    const [key = ''] = /allmcp_[A-Za-z0-9]{32}/.exec(first.output()) ?? [];
    first.child.kill('SIGTERM');
    await first.exited;
    const second = await ready(start(first.data));
    expect(second.output()).not.toMatch(/allmcp_[A-Za-z0-9]{32}/);
    expect(await mcpStatus(second, key)).toBe(200);
  });
});

describe('stopping', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends everything in two seconds, with exit code 0', async (signal) => {
    const server = await ready(start(freshData()));
    const pids = family(server.child.pid ?? 0);
    expect(pids.length).toBeGreaterThan(2);
    server.child.kill(signal);
    expect(await gone(pids, 2_000)).toEqual([]);
    expect(await server.exited).toBe(0);
    expect([existsSync(join(server.data, 'server.json')), existsSync(join(server.data, 'lock'))]).toEqual([
      false,
      false,
    ]);
  });

  it.each([
    ['SIGTERM', 'npm', ['start', '--']],
    ['SIGKILL', 'npm', ['start', '--']],
    ['SIGKILL', process.execPath, ['node_modules/tsx/dist/cli.mjs', 'local/main.ts']],
  ] as const)('%s for what started it, %s %j, ends the server too', async (signal, command, args) => {
    const server = await ready(start(freshData(), ['--port', '0'], {}, [command, ...args]));
    const pids = family(server.child.pid ?? 0);
    expect(pids.length).toBeGreaterThan(3);
    server.child.kill(signal);
    expect(await gone(pids, 4_000)).toEqual([]);
  });

  it('by kill -9 leaves no function running, and every acknowledged write is there after the next start', async () => {
    const server = await ready(start(freshData()));
    const pids = family(server.child.pid ?? 0);
    const acknowledged: string[] = [];
    const writing = (async () => {
      for (;;) {
        const answer = await admin(server, 'POST', '/keys', { client: 'c', type: 'client' });
        acknowledged.push(((await answer.json()) as { key: string }).key);
      }
    })().catch(() => {});
    while (acknowledged.length < 25) await new Promise((resolve) => setTimeout(resolve, 10));
    server.child.kill('SIGKILL');
    await writing;
    expect(await gone(pids, 2_000)).toEqual([]);

    const again = await ready(start(server.data));
    expect(again.output()).not.toContain('shown only now');
    const statuses = await Promise.all(acknowledged.map((key) => mcpStatus(again, key)));
    expect(new Set(statuses)).toEqual(new Set([200]));
  }, 60_000);
});

describe('a start that cannot be', () => {
  const refused = async (server: Server): Promise<{ code: number | null; text: string }> => ({
    code: await server.exited,
    text: server.output(),
  });

  it('says which port is in use, and leaves the data folder free', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    const data = freshData();
    try {
      const { code, text } = await refused(start(data, ['--port', String(port)]));
      expect(code).toBe(1);
      expect(text).toMatch(new RegExp(`Port ${port} is in use.*--port N`, 's'));
      expect(existsSync(join(data, 'lock'))).toBe(false);
    } finally {
      busy.close();
    }
  });

  it('says that another server runs over the folder, and leaves that one alone', async () => {
    const first = await ready(start(freshData()));
    const { code, text } = await refused(start(first.data));
    expect(code).toBe(1);
    expect(text).toContain(first.url());
    expect((await fetch(`${first.url()}/healthz`)).status).toBe(200);
  });

  it('says what to do about damaged tables, and leaves them as they are', async () => {
    const first = await ready(start(freshData()));
    first.child.kill('SIGTERM');
    await first.exited;
    const file = join(first.data, 'ddb', 'CURRENT');
    writeFileSync(file, 'damaged');
    const { code, text } = await refused(start(first.data));
    expect(code).toBe(1);
    expect(text).toMatch(/tables in .*ddb cannot be opened.*Restore the folder/s);
    expect(readFileSync(file, 'utf8')).toBe('damaged');
  });

  it('says what to do about a folder that is a file', async () => {
    const data = freshData();
    writeFileSync(data, '');
    const { code, text } = await refused(start(data));
    expect(code).toBe(1);
    expect(text).toContain('--data DIR');
  });

  it('says what to do about a template that is not there', async () => {
    const empty = freshData();
    mkdirSync(empty);
    const { code, text } = await refused(start(freshData(), [], { ALLMCP_ASSEMBLY: empty }));
    expect(code).toBe(1);
    expect(text).toContain('start again');
  });

  it('prints its usage for an unknown flag and exits with 2', async () => {
    const { code, text } = await refused(start(freshData(), ['--frobnicate']));
    expect(code).toBe(2);
    expect(text).toContain('--route HOST=http://127.0.0.1:PORT');
    // Last, where it is seen: fifteen lines of usage would push it off the screen.
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^error: .*frobnicate/);
  });
});
