/**
 * The gateway under test, as a person would start it: `npm start -- --conformance` over an empty data folder, a
 * platform key from the admin API, and one account of a provider connected, so that there are skills to enumerate.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBitrix24Fake } from '../fakes/bitrix24.ts';
import { startKeyProxy } from './proxy.ts';

export interface GatewayUnderTest {
  /** The endpoint of one user, through the proxy that adds the key. */
  readonly mcpUrl: string;
  readonly stop: () => Promise<void>;
}

const PORTAL = 'demo.bitrix24.com';
const START_MS = 120_000;

export async function startGateway(root: string): Promise<GatewayUnderTest> {
  const closers: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close();
  };
  try {
    const fake = await startBitrix24Fake();
    closers.push(() => fake.stop());
    const data = mkdtempSync(join(tmpdir(), 'allmcp-conformance-'));
    closers.push(() => rmSync(data, { recursive: true, force: true }));
    const route = `${PORTAL}=${fake.url}`;
    const args = ['--import', 'tsx', 'local/main.ts', '--conformance', '--port', '0', '--data', data, '--route', route];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    closers.push(() => ended(child));
    await ready(child);
    const { url } = JSON.parse(readFileSync(join(data, 'server.json'), 'utf8')) as { url: string };
    const key = await platformKey(url, readFileSync(join(data, 'operator-key'), 'utf8').trim());
    const proxy = await startKeyProxy(url, key);
    closers.push(proxy.stop);
    const mcpUrl = `${proxy.url}/mcp?user_id=conformance`;
    await connect(mcpUrl, `https://${PORTAL}${fake.path}`);
    return { mcpUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function ready(child: ChildProcess): Promise<void> {
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`npm start -- --conformance did not get ready:\n${output}`));
    const timer = setTimeout(fail, START_MS);
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        if (!/^ready /m.test(output)) return;
        clearTimeout(timer);
        resolve();
      });
    child.once('exit', fail);
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

async function platformKey(url: string, operatorKey: string): Promise<string> {
  const answer = await fetch(`${url}/admin/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ client: 'conformance', type: 'platform', name: 'conformance suite' }),
  });
  if (answer.status !== 201) throw new Error(`No key was made: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { key: string }).key;
}

async function connect(mcpUrl: string, webhook: string): Promise<void> {
  const client = new Client({ name: 'conformance', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(mcpUrl)));
  const result = await client.callTool({
    name: 'connect_provider',
    arguments: { provider_key: 'bitrix24', api_key: webhook },
  });
  await client.close();
  if (result.isError === true) throw new Error(`Bitrix24 was not connected: ${JSON.stringify(result.content)}`);
}
