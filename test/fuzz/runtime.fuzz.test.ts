/** Hostile requests over sockets against the whole server: gateway, authorizer and function. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startE2e, type E2eRuntime } from '../e2e/runtime.ts';
import { checkJson, checkLog, checkMcpBody, checkNoLeak, within } from './answers.ts';
import { httpRequest, type HttpKeys } from './http-requests.ts';
import { fuzzSettings } from './settings.ts';

const SAMPLES = {
  cursor: 'eyJkIjoiYWJjZGVmZ2hpamtsIiwicyI6eyJzdGFydCI6NTB9fQ',
  confirmToken: Buffer.from('{"e":"YQ","i":"YQ","c":"YQ","t":"YQ"}').toString('base64url'),
  requestState: Buffer.from('{"e":"YQ","i":"YQ","c":"YQ","t":"YQ"}').toString('base64url'),
  connectState: Buffer.from('{"e":"YQ","i":"YQ","c":"YQ","t":"YQ"}').toString('base64url'),
  resultUri: 'result://abcdefghijkl',
  toolNames: [
    'call_tool',
    'list_connections',
    'connect_provider',
    'search_tools',
    'report_issue',
    'bitrix24_list_deals',
  ],
};

interface HttpAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Everything that comes back until the server closes the connection. */
function send(port: number, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (part) => parts.push(part));
    // A request that is refused unread ends with a reset, after its answer.
    socket.on('error', (error) => (parts.length > 0 ? resolve(Buffer.concat(parts)) : reject(error)));
    socket.on('close', () => resolve(Buffer.concat(parts)));
    socket.write(request);
  });
}

function parse(raw: Buffer): HttpAnswer {
  const text = raw.toString('utf8').replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, '');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
  if (!Number.isInteger(status)) throw new Error(`no HTTP answer: ${text.slice(0, 200)}`);
  const body = rest.join('\r\n\r\n');
  return { status, head, body: /^transfer-encoding: chunked/im.test(head) ? unchunked(body) : body };
}

/** Sizes count bytes. */
function unchunked(body: string): string {
  const bytes = Buffer.from(body, 'utf8');
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16);
    if (!(size > 0)) break;
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts).toString('utf8');
}

function check({ status, head, body }: HttpAnswer, isHead: boolean): void {
  checkNoLeak(head);
  checkNoLeak(body);
  if (status >= 500) throw new Error(`${status}: ${body.slice(0, 500)}`);
  if (isHead || body === '') return;
  const type = /^content-type: *([^\r]*)/im.exec(head)?.[1] ?? null;
  if (type?.startsWith('text/event-stream') === true) checkMcpBody(status, type, body);
  else if (type?.startsWith('text/html') !== true) checkJson(body);
}

describe('whatever arrives at the server', () => {
  let runtime: E2eRuntime;
  let keys: HttpKeys;
  beforeAll(async () => {
    runtime = await startE2e();
    const good = await runtime.createKey({ client: 'fuzz', type: 'platform' });
    const pinned = await runtime.createKey({ client: 'fuzz', type: 'platform', org: ['blue'] });
    const revoked = await runtime.createKey({ client: 'fuzz', type: 'client' });
    await runtime.admin('POST', `/keys/${revoked.id}/revoke`);
    const { host } = new URL(runtime.url);
    keys = { host, good: good.key, pinned: pinned.key, revoked: revoked.key, operator: runtime.operatorKey };
  }, 180_000);
  afterAll(() => runtime.stop());

  it('is answered in time, without a 5xx, in JSON, without text of an exception', async () => {
    const port = Number(new URL(runtime.url).port);
    const seen = new Map<number, number>();
    const property = fc.asyncProperty(httpRequest(keys, SAMPLES), async (request) => {
      try {
        const answer = parse(await within(5_000, send(port, request)));
        seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
        check(answer, request.subarray(0, 5).toString() === 'HEAD ');
      } catch (error) {
        const sent = request.subarray(0, 1_500).toString('latin1');
        throw new Error(`${String(error)}\n${runtime.warnings.slice(-3).join('\n')}\nwas sent: ${sent}`, {
          cause: error,
        });
      }
    });
    await fc.assert(property, { ...fuzzSettings('sockets against the server', 500), interruptAfterTimeLimit: 240_000 });
    const counts = [...seen].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    process.stdout.write(`statuses ${counts.join(', ')}\n`);
  }, 300_000);

  it('leaves nothing in the log but the allowed fields, and no failure of ours', () => {
    const folder = join(runtime.data, 'logs');
    const files = readdirSync(folder).filter((file) => file.endsWith('.log') && !file.startsWith('access'));
    const lines = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').trim().split('\n'));
    const ours = lines.filter((line) => line.startsWith('{') && line.includes('"service":'));
    expect(ours.length).toBeGreaterThan(10);
    checkLog(ours);
    // What is left is Lambda's own: how an authorizer says 401.
    const others = lines.filter(
      (line) => !ours.includes(line) && /ERROR|Error/.test(line) && !line.includes('"Unauthorized"'),
    );
    expect(others).toEqual([]);
  });
});
