/** The data folder: private, one server at a time, and nothing is replaced because it cannot be read. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openDataFolder } from '../../local/data-folder.ts';
import { StartRefused } from '../../emulator/start-refused.ts';

const fresh = (): string => join(mkdtempSync(join(tmpdir(), 'allmcp-data-')), 'data');
const mode = (path: string): number => statSync(path).mode & 0o777;
const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof StartRefused) return error.message;
    throw error;
  }
  throw new Error('was not refused');
};

describe('a data folder', () => {
  it('is made, and is the user’s alone; so are the files with secrets', () => {
    const path = fresh();
    const folder = openDataFolder(path);
    folder.keyMaterial(['k']);
    folder.saveOperatorKey('secret');
    expect([mode(path), mode(join(path, 'kms.json')), mode(join(path, 'operator-key'))]).toEqual([0o700, 0o600, 0o600]);
  });

  it('that others could read is closed to them', () => {
    const path = fresh();
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o755);
    openDataFolder(path);
    expect(mode(path)).toBe(0o700);
  });

  it('keeps key material, and adds some for a new key', () => {
    const path = fresh();
    const first = openDataFolder(path);
    const { a } = Object.fromEntries(first.keyMaterial(['a']));
    first.release();
    const again = openDataFolder(path).keyMaterial(['a', 'b']);
    expect(again.get('a')).toEqual(a);
    expect(again.get('b')).toHaveLength(32);
  });

  it('tells the CLI where the server is while it runs, and forgets it at its end', () => {
    const path = fresh();
    const folder = openDataFolder(path);
    folder.announce('http://127.0.0.1:1');
    expect(JSON.parse(readFileSync(join(path, 'server.json'), 'utf8'))).toEqual({
      url: 'http://127.0.0.1:1',
      pid: process.pid,
    });
    folder.release();
    expect([existsSync(join(path, 'server.json')), existsSync(join(path, 'lock'))]).toEqual([false, false]);
  });

  it('serves one server at a time and says which', () => {
    const path = fresh();
    const folder = openDataFolder(path);
    folder.announce('http://127.0.0.1:1');
    expect(refusal(() => openDataFolder(path))).toMatch(
      new RegExp(`process ${process.pid}.*at http://127.0.0.1:1.*--data DIR and --port N`, 's'),
    );
    folder.release();
    openDataFolder(path).release();
  });

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 2_147_483_000, started: '1' })],
    ['of another process with the same id', JSON.stringify({ pid: process.pid, started: '1' })],
    ['that was cut short', '{"pid":'],
  ])('takes over a lock %s', (_what, lock) => {
    const path = fresh();
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'lock'), lock);
    openDataFolder(path).release();
  });

  it.each([
    ['notes.txt', false],
    ['logs', true],
    ['.git', true],
    ['ddb', false],
    ['kms.json', true],
    ['operator-key', false],
  ])('with other files is refused, and left as it is: %s', (name, isFolder) => {
    const path = fresh();
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o755);
    if (isFolder) mkdirSync(join(path, name));
    else writeFileSync(join(path, name), 'mine');
    expect(refusal(() => openDataFolder(path))).toMatch(new RegExp(`other files \\(${name}.*--data DIR`, 's'));
    expect([mode(path), readdirSync(path)]).toEqual([0o755, [name]]);
  });

  it.each([
    ['kms.json', (path: string) => writeFileSync(path, '{"version":1,"keys":{}}')],
    ['ddb', (path: string) => mkdirSync(path)],
    ['lock', (path: string) => writeFileSync(path, '{"pid":2147483000,"started":"1"}')],
  ])('of ours opens, with whatever else lies in it: %s', (name, make) => {
    const path = fresh();
    mkdirSync(path, { recursive: true });
    make(join(path, name));
    if (name !== 'lock') writeFileSync(join(path, 'notes.txt'), 'mine');
    openDataFolder(path).release();
    expect(existsSync(join(path, name))).toBe(name !== 'lock');
  });

  it('that is a file is refused, and left as it is', () => {
    const path = fresh();
    writeFileSync(path, 'mine');
    expect(refusal(() => openDataFolder(path))).toContain('--data DIR');
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  it.each([
    '',
    '{',
    '{"version":2,"keys":{}}',
    '{"version":1,"keys":{"k":"AAAA"}}',
    '{"version":1,"keys":{"k":"not base64!"}}',
  ])('with the damaged kms.json %j is refused, and the file is left as it is', (content) => {
    const path = fresh();
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'kms.json'), content);
    expect(refusal(() => openDataFolder(path).keyMaterial(['k']))).toMatch(/kms\.json.*Restore it/s);
    expect(readFileSync(join(path, 'kms.json'), 'utf8')).toBe(content);
  });

  it('with tables but without kms.json is refused: new material would make every credential unreadable', () => {
    const path = fresh();
    mkdirSync(join(path, 'ddb'), { recursive: true });
    writeFileSync(join(path, 'ddb', 'CURRENT'), 'x');
    expect(refusal(() => openDataFolder(path).keyMaterial(['k']))).toContain('restore it from a copy');
    expect(existsSync(join(path, 'kms.json'))).toBe(false);
  });
});
