/** The command line over HTTP: the real admin app behind a loopback server, in this process or as a child. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Io } from '../../cli/terminal/io.ts';
import { run } from '../../cli/program.ts';
import { createAdminApp } from '../../lambda/admin/app.ts';
import { createKeyStore } from '../../adapters/aws/keys/key-store.ts';
import { authenticate } from '../../core/keys/authenticate.ts';
import { createLog } from '../../core/log.ts';
import { adminDeps } from '../lambda/admin/deps.ts';
import { startDynamoDb, type TestDynamoDb } from '../fakes/dynamodb.ts';
import { fakeKms } from '../fakes/kms.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliServer {
  readonly url: string;
  readonly db: TestDynamoDb;
  readonly operatorKey: string;
  /** Every request it was asked: method, path with query, and whether a key came with it. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/** The admin API with its authorizer, and `/healthz`. */
export async function startCliServer(): Promise<CliServer> {
  const db = await startDynamoDb();
  const kms = fakeKms();
  const deps = adminDeps(db, kms, Date.now);
  const log = createLog({ service: 'admin', write: () => undefined, clock: Date.now });
  const app = createAdminApp({ ...deps, log, newId: () => 'ref' });
  const { key: operatorKey } = await deps.keys.createOperator({ scope: 'all' });
  const asked: string[] = [];

  const { server, url } = await listen(async (request, body) => {
    asked.push(`${request.method} ${request.url}${request.headers.authorization === undefined ? '' : ' +key'}`);
    if (request.url === '/healthz') return Response.json({ status: 'ok', version: '0.0.0' });
    const authorizations = [request.headers.authorization ?? ''];
    const decision = await authenticate(
      { apiKeys: [], authorizations, query: {}, audience: 'admin' },
      createKeyStore({ dynamodb: db.client, table: db.keysTable }),
      Date.now(),
    );
    if (!decision.ok) return Response.json({ jsonrpc: '2.0', id: null, error: { code: -32_001 } }, { status: 401 });
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    const init = { method: request.method ?? 'GET', headers, ...(body === '' ? {} : { body }) };
    return app(new Request(`${url}${request.url}`, init), decision.value, { publicUrl: url });
  });
  return {
    url,
    db,
    operatorKey,
    asked,
    stop: async () => {
      await close(server);
      await db.stop();
    },
  };
}

/** A loopback server that answers with Responses. */
export async function listen(answer: (request: IncomingMessage, body: string) => Promise<Response> | Response) {
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const given = await answer(request, body);
      response.writeHead(given.status, Object.fromEntries(given.headers));
      response.end(Buffer.from(await given.arrayBuffer()));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

export async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** The command line in this process: what it would print, and its exit code. */
export async function allmcp(args: readonly string[], over: Partial<Io> = {}): Promise<Ended> {
  let out = '';
  let err = '';
  const code = await run(args, {
    env: {},
    cwd: tmpdir(),
    root: ROOT,
    out: (text) => (out += text),
    err: (text) => (err += text),
    ask: undefined,
    readInput: async () => '',
    fetch: globalThis.fetch,
    alive: () => true,
    ...over,
  });
  return { code, out, err };
}

/** The command line as `npm run -s allmcp -- ...` starts it, without a terminal and with this environment alone. */
export async function allmcpProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = ROOT,
  input?: string,
): Promise<Ended> {
  const child = spawn(path.join(ROOT, 'node_modules', '.bin', 'tsx'), [path.join(ROOT, 'cli', 'main.ts'), ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: tmpdir(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)));
  return { code, out, err };
}

/** A data folder as `npm start` leaves it while it runs. */
export function dataFolder(files: { readonly url?: string; readonly pid?: number; readonly operatorKey?: string }): {
  readonly dir: string;
  readonly remove: () => void;
} {
  const dir = mkdtempSync(path.join(tmpdir(), 'allmcp-data-'));
  const { url, pid = process.pid, operatorKey } = files;
  if (url !== undefined) writeFileSync(path.join(dir, 'server.json'), JSON.stringify({ url, pid }));
  if (operatorKey !== undefined) writeFileSync(path.join(dir, 'operator-key'), `${operatorKey}\n`, { mode: 0o600 });
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
