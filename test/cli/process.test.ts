/** The command line as a process: exit codes, one JSON value on standard output, everything else on standard error. */
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isWellFormedKey } from '../../core/keys/api-key.ts';
import { allmcp, allmcpProcess, close, dataFolder, listen, startCliServer, type CliServer } from './set-up.ts';

let server: CliServer;
let remote: Record<string, string>;
beforeAll(async () => {
  server = await startCliServer();
  remote = { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: server.operatorKey };
});
afterAll(() => server.stop());

describe('a command', () => {
  it('that is done exits with 0 and prints exactly one JSON value', async () => {
    const args = ['keys', 'create', '--client', 'acme', '--type', 'solo', '--json'];
    const { code, out, err } = await allmcpProcess(args, remote);
    expect([code, err]).toEqual([0, '']);
    const made = JSON.parse(out) as { key: string };
    expect(isWellFormedKey(made.key)).toBe(true);
  });

  it('that is refused exits with 1, its reason on standard error and nothing on standard output', async () => {
    const args = ['keys', 'revoke', '--id', 'k_000000000000', '--json'];
    const { code, out, err } = await allmcpProcess(args, remote);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('--yes');
  });

  it('that nobody knows exits with 2', async () => {
    const { code, out, err } = await allmcpProcess(['keys', 'destroy', '--json'], remote);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain("unknown command 'destroy'");
  });

  it('finds the local server from any folder', async () => {
    const { dir, remove } = dataFolder({ url: server.url, operatorKey: server.operatorKey });
    const { code, out } = await allmcpProcess(['clients', 'list', '--json', '--data', '.'], {}, dir);
    remove();
    expect(code).toBe(0);
    expect(Array.isArray(JSON.parse(out))).toBe(true);
  });
});

describe('usage', () => {
  it.each([
    [[]],
    [['keys']],
    [['nothing']],
    [['keys', 'list', '--jsn']],
    [['keys', 'rotate', '--yes']],
    [['keys', 'list', '--client']],
  ])('is wrong for %j: exit code 2, nothing on standard output', async (args) => {
    const { code, out, err } = await allmcp(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).not.toBe('');
  });

  it.each([
    [[]],
    [['clients']],
    [['clients', 'create']],
    [['clients', 'list']],
    [['clients', 'settings']],
    [['orgs']],
    [['orgs', 'list']],
    [['orgs', 'set']],
    [['oauth-apps']],
    [['oauth-apps', 'set']],
    [['oauth-apps', 'list']],
    [['oauth-apps', 'remove']],
    [['oauth-apps', 'test']],
    [['connect-link']],
    [['connections']],
    [['connections', 'list']],
    [['connections', 'remove']],
    [['usage']],
    [['keys']],
    [['keys', 'create']],
    [['keys', 'list']],
    [['keys', 'revoke']],
    [['keys', 'rotate']],
    [['providers']],
    [['providers', 'list']],
    [['bootstrap']],
    [['doctor']],
  ])('of %j is explained by --help, with an example that runs this very command', async (command) => {
    const { code, out, err } = await allmcp([...command, '--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`Example:\n  $ npm run -s allmcp -- ${command.join(' ')}`);
  });
});

describe('providers list', () => {
  it('prints each provider with its ways to sign in, categories and tools', async () => {
    const { code, out } = await allmcp(['providers', 'list', '--json']);
    const providers = JSON.parse(out) as Record<string, unknown>[];
    expect(code).toBe(0);
    expect(providers.length).toBeGreaterThan(0);
    for (const provider of providers) {
      expect(Object.keys(provider)).toEqual([
        'key',
        'name',
        'source',
        'verified',
        'level',
        'auth',
        'categories',
        'tools',
      ]);
      expect(provider.auth).not.toEqual([]);
      for (const category of provider.categories as object[])
        expect(category).toEqual({ key: expect.any(String), core: expect.any(Boolean) });
      const keys = (provider.categories as { key: string }[]).map(({ key }) => key);
      for (const tool of provider.tools as { name: string; category: string; access: string }[]) {
        expect(tool.name.startsWith(`${String(provider.key)}_`)).toBe(true);
        expect(keys).toContain(tool.category);
        expect(['read', 'write', 'destructive']).toContain(tool.access);
      }
    }
  });

  it('fits 80 columns for a person', async () => {
    const { out } = await allmcp(['providers', 'list']);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('says which providers are not verified, in the table as in JSON', async () => {
    const { out } = await allmcp(['providers', 'list']);
    const providers = JSON.parse((await allmcp(['providers', 'list', '--json'])).out) as {
      readonly [field in 'key' | 'level' | 'verified']: unknown;
    }[];
    for (const { key, level, verified } of providers) {
      expect(verified).toBe(level !== 'unverified');
      expect(out).toMatch(new RegExp(`^${String(key)} .* ${String(level)}$`, 'm'));
    }
    expect(out).toContain('unverified: written without');
  });
});

describe('bootstrap', () => {
  const minted = { id: 'op_1', operator_key: 'allmcp_minted' };

  async function lambda(answer: () => Response) {
    const asked: string[] = [];
    const { server: fake, url } = await listen((request) => {
      asked.push(`${request.method} ${request.url}`);
      return answer();
    });
    const env = {
      AWS_ENDPOINT_URL_LAMBDA: url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_MAX_ATTEMPTS: '1',
    };
    return { asked, env, stop: () => close(fake) };
  }

  it('invokes the function that cdk wrote down, and prints the key once', async () => {
    const { asked, env, stop } = await lambda(() => Response.json(minted));
    const { dir, remove } = dataFolder({});
    const outputs = { 'AllMcp-Service': { McpUrl: 'https://x', BootstrapFunctionName: 'Boot-1' } };
    writeFileSync(path.join(dir, 'cdk-outputs.json'), JSON.stringify(outputs));
    const { code, out } = await allmcpProcess(['bootstrap', '--json'], env, dir);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(minted);
    expect(asked).toEqual(['POST /2015-03-31/functions/Boot-1/invocations']);
    remove();
    await stop();
  });

  it.each([
    ['no such function', () => failure('ResourceNotFoundException', 404), 'no such function'],
    ['not allowed', () => failure('AccessDeniedException', 403), 'lambda:InvokeFunction'],
    ['a function that throws', () => Response.json({}, { headers: { 'x-amz-function-error': 'Unhandled' } }), 'log'],
    ['an answer without a key', () => Response.json({ id: 'op_1' }), 'log'],
  ])('says what to do on %s, with exit code 1', async (_name, answer, says) => {
    const { env, stop } = await lambda(answer);
    const { code, out, err } = await allmcpProcess(['bootstrap', '--function', 'Boot-1', '--json'], env);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(says);
    expect(err).not.toContain('123456789012');
    await stop();
  });

  it('says where the key of a running local server is, and mints none', async () => {
    const { dir, remove } = dataFolder({ url: server.url, operatorKey: server.operatorKey });
    const told = await allmcp(['bootstrap', '--data', dir]);
    expect(told.code).toBe(0);
    expect(told.out).toContain(path.join(dir, 'operator-key'));
    expect(told.out).not.toContain(server.operatorKey);
    const { out } = await allmcp(['bootstrap', '--data', dir, '--json']);
    expect(JSON.parse(out)).toEqual({ id: null, operator_key_file: path.join(dir, 'operator-key') });
    remove();
  });

  it.each([
    ['there is no outputs file', undefined],
    ['the file names no function', { 'AllMcp-Service': { McpUrl: 'x' } }],
    ['the file names two', { A: { BootstrapFunctionName: 'a' }, B: { BootstrapFunctionName: 'b' } }],
    ['the file is not one of cdk', ['x']],
  ])('is refused when %s', async (_name, outputs) => {
    const { dir, remove } = dataFolder({});
    if (outputs !== undefined) writeFileSync(path.join(dir, 'cdk-outputs.json'), JSON.stringify(outputs));
    const { code, out, err } = await allmcp(['bootstrap'], { cwd: dir });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('--function');
    remove();
  });

  function failure(type: string, status: number): Response {
    const message = 'User arn:aws:iam::123456789012:user/x may not';
    return Response.json({ Type: 'User', Message: message }, { status, headers: { 'x-amzn-errortype': type } });
  }
});

describe('doctor', () => {
  interface Finding {
    readonly check: string;
    readonly status: string;
    readonly message: string;
    readonly next: string | null;
  }
  async function doctor(args: readonly string[], env: Record<string, string | undefined>, alive = true) {
    const { code, out, err } = await allmcp(['doctor', '--json', ...args], { env, alive: () => alive });
    const findings = JSON.parse(out) as Finding[];
    return { code, err, of: (check: string) => findings.find((finding) => finding.check === check), findings };
  }

  it('finds nothing wrong with a healthy server and its key', async () => {
    const { dir, remove } = dataFolder({ url: server.url, operatorKey: server.operatorKey });
    const { of, findings } = await doctor(['--data', dir], {});
    const checks = ['node', 'packages', 'cdk', 'build', 'data', 'server', 'remote', 'operator key'];
    expect(findings.map(({ check }) => check)).toEqual(checks);
    for (const check of ['node', 'cdk', 'data', 'server', 'remote', 'operator key'])
      expect(of(check)).toMatchObject({ status: 'ok', next: null });
    remove();
  });

  it('gives every finding that is not ok a next step, and exits with 1 when one fails', async () => {
    const { dir, remove } = dataFolder({ url: 'http://127.0.0.1:1', operatorKey: 'allmcp_x' });
    const { code, err, findings, of } = await doctor(['--data', dir], { ALLMCP_URL: 'http://tools.example.com' });
    expect(code).toBe(1);
    expect(err).toContain('checks failed');
    for (const { status, next } of findings) expect(next === null).toBe(status === 'ok');
    expect(of('server')).toMatchObject({ status: 'fail' });
    expect(of('remote')).toMatchObject({ status: 'fail', message: expect.stringContaining('plain http') });
    expect(of('operator key')).toMatchObject({ status: 'fail' });
    remove();
  });

  it('says that an operator key which is not accepted is not', async () => {
    const { of } = await doctor([], { ALLMCP_URL: server.url, ALLMCP_OPERATOR_KEY: 'allmcp_wrong' });
    expect(of('remote')).toMatchObject({ status: 'ok' });
    expect(of('operator key')).toMatchObject({ status: 'fail', next: expect.stringContaining('bootstrap') });
  });

  it('fails when other users can read the operator key, and warns about the folder', async () => {
    const { dir, remove } = dataFolder({ operatorKey: 'allmcp_x' });
    expect((await doctor(['--data', dir], {})).of('data')).toMatchObject({ status: 'ok' });
    chmodSync(dir, 0o755);
    expect((await doctor(['--data', dir], {})).of('data')).toMatchObject({ status: 'warn' });
    chmodSync(path.join(dir, 'operator-key'), 0o644);
    const { of, code } = await doctor(['--data', dir], {});
    expect(of('data')).toMatchObject({ status: 'fail', next: expect.stringContaining('chmod 600') });
    expect(code).toBe(1);
    remove();
  });

  it('says whether npm start would get its port', async () => {
    const { dir, remove } = dataFolder({});
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as AddressInfo;
    const taken = await doctor(['--data', dir], { PORT: String(port) });
    expect(taken.of('server')).toMatchObject({ status: 'warn', next: expect.stringContaining('--port') });
    expect(taken.of('operator key')).toMatchObject({ status: 'warn', next: expect.stringContaining('npm start') });
    await new Promise<void>((resolve) => squatter.close(() => resolve()));
    expect((await doctor(['--data', dir, '--port', String(port)], {})).of('server')).toMatchObject({ status: 'ok' });
    remove();
  });

  it('shows a person one line per check, and the next step under it', async () => {
    const { dir, remove } = dataFolder({});
    const { out } = await allmcp(['doctor', '--data', dir]);
    expect(out).toMatch(/^ok +node +Node /m);
    expect(out).toMatch(/^warn +operator key +Not tried.*\n +Run `npm start`/m);
    remove();
  });
});
