/** `npm start` as a process of its own, so that its memory is its own and not that of what measures it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SoakServer {
  readonly pid: number;
  readonly url: string;
  readonly createKey: (client: string) => Promise<string>;
  /** Seconds from its start until it said that it is ready. */
  readonly startSeconds: number;
  readonly stop: () => Promise<void>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export async function startServer(routes: Readonly<Record<string, string>>): Promise<SoakServer> {
  const data = mkdtempSync(join(tmpdir(), 'allmcp-soak-'));
  const begun = performance.now();
  const routed = Object.entries(routes).flatMap(([host, target]) => ['--route', `${host}=${target}`]);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'local/main.ts', '--port', '0', '--data', data, ...routed],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.once('close', () => reject(new Error(`the server did not start:\n${said}`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/^ready /m.test(said)) resolve();
    });
  });
  const startSeconds = (performance.now() - begun) / 1000;
  const { url, pid } = JSON.parse(readFileSync(join(data, 'server.json'), 'utf8')) as { url: string; pid: number };
  const operatorKey = readFileSync(join(data, 'operator-key'), 'utf8').trim();
  return {
    pid,
    url,
    startSeconds,
    async createKey(client) {
      const answer = await fetch(`${url}/admin/v1/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ client, type: 'platform' }),
      });
      if (answer.status !== 201) throw new Error(`no key: ${answer.status}`);
      return ((await answer.json()) as { key: string }).key;
    },
    async stop() {
      process.kill(pid, 'SIGINT');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}
