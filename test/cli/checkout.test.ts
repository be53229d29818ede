/** What `doctor` says of a checkout, on small checkouts made for it. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkBuild, checkCdk, checkNode, checkPackages } from '../../cli/doctor/checkout.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'allmcp-checkout-'));
  write('package.json', {
    engines: { node: '>=20.20' },
    dependencies: { zod: '4.6.7' },
    devDependencies: { 'aws-cdk': '2.1148.1' },
  });
});
afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, content: unknown, at?: number): void {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, typeof content === 'string' ? content : JSON.stringify(content));
  if (at !== undefined) utimesSync(target, at, at);
}
const install = (name: string, version: string): void =>
  write(`node_modules/${name}/package.json`, { version, engines: {} });

describe('Node', () => {
  it.each([
    ['20.20.0', 'ok'],
    ['20.20.2', 'ok'],
    ['24.1.0', 'ok'],
    ['20.9.0', 'fail'],
    ['18.20.4', 'fail'],
  ])('%s is %s where 20.20 is needed', async (running, status) => {
    expect(await checkNode(root, running)).toMatchObject({ status });
  });
});

describe('packages', () => {
  it('fail when one is not installed, or in another version than pinned', async () => {
    install('zod', '4.6.7');
    expect(await checkPackages(root)).toMatchObject({ status: 'fail', message: expect.stringContaining('aws-cdk') });
    install('aws-cdk', '3.0.0');
    expect(await checkPackages(root)).toMatchObject({ status: 'fail', message: expect.stringContaining('aws-cdk') });
    install('aws-cdk', '2.1148.1');
    expect(await checkPackages(root)).toMatchObject({ status: 'ok' });
  });
});

describe('the CDK CLI', () => {
  it('fails when npx would run another one than the pinned one', async () => {
    install('aws-cdk', '3.0.0');
    write('node_modules/.bin/cdk', '');
    expect(await checkCdk(root)).toMatchObject({ status: 'fail', message: expect.stringContaining('3.0.0') });
    install('aws-cdk', '2.1148.1');
    expect(await checkCdk(root)).toMatchObject({ status: 'ok' });
    rmSync(path.join(root, 'node_modules/.bin/cdk'));
    expect(await checkCdk(root)).toMatchObject({ status: 'fail', next: 'Run `npm ci`.' });
  });
});

describe('the build', () => {
  beforeEach(() => {
    write('lambda/mcp/handler.ts', '', 1000);
    write('dist/lambda/mcp/index.mjs', '', 2000);
    write('dist/meta/mcp.json', { inputs: { 'lambda/mcp/handler.ts': {}, 'node_modules/zod/index.js': {} } });
  });

  it('is up to date when no source of a bundle is newer', async () => {
    expect(await checkBuild(root, ['mcp'])).toMatchObject({ status: 'ok' });
  });

  it('is stale when a source of a bundle is newer, or gone', async () => {
    write('lambda/mcp/handler.ts', '', 3000);
    expect(await checkBuild(root, ['mcp'])).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('Older'),
    });
    rmSync(path.join(root, 'lambda/mcp/handler.ts'));
    expect(await checkBuild(root, ['mcp'])).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('Older'),
    });
  });

  it('is absent when a function has no bundle', async () => {
    expect(await checkBuild(root, ['mcp', 'admin'])).toMatchObject({ status: 'warn', message: 'Not built: admin.' });
  });
});
