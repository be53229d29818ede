import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { missingOptional, registries, unpinned, withoutUnpinned, type Lockfile } from '../lib/build/lockfile.ts';

const LOCKFILES = ['package-lock.json', 'test/clients/package-lock.json', 'test/conformance/package-lock.json'];
const read = (file: string): Lockfile => JSON.parse(readFileSync(file, 'utf8')) as Lockfile;

describe.each(LOCKFILES)('the lockfile %s', (file) => {
  it('pins every package by its content, those of other platforms too; otherwise run npm run lockfile', () => {
    expect(Object.keys(read(file).packages).length).toBeGreaterThan(50);
    expect(unpinned(read(file))).toEqual([]);
    for (const [place, { integrity }] of Object.entries(read(file).packages))
      if (integrity !== undefined) expect([place, integrity]).toEqual([place, expect.stringMatching(/^sha512-/)]);
  });

  it('has every optional package of every platform; otherwise run npm run lockfile', () => {
    expect(missingOptional(read(file))).toEqual([]);
  });

  it('names no registry', () => {
    expect(registries(read(file))).toEqual([]);
    expect(readFileSync(file, 'utf8')).not.toMatch(/https?:\/\/[^"]*\.tgz/);
  });
});

describe('what a lockfile lacks', () => {
  const lockfile: Lockfile = {
    packages: {
      '': {},
      'node_modules/x': { integrity: 'sha512-x', optionalDependencies: { 'x-linux-x64': '1.0.0', 'x-win32': '1.0.0' } },
      'node_modules/x-linux-x64': {},
      'node_modules/x/node_modules/bundled': { inBundle: true },
      'node_modules/y': { integrity: 'sha512-y', resolved: 'https://registry.internal.example/y/-/y-1.0.0.tgz' },
      'node_modules/z': { resolved: '../z', link: true, integrity: 'sha512-z' },
    },
  };

  it('is told: packages without a hash, platforms without an entry, registries', () => {
    expect(unpinned(lockfile)).toEqual(['node_modules/x-linux-x64']);
    expect(missingOptional(lockfile)).toEqual(['x-win32']);
    expect(registries(lockfile)).toEqual(['registry.internal.example']);
  });

  it('is taken out, so that npm asks for it again, and nothing else is', () => {
    const { 'node_modules/x-linux-x64': _unpinned, ...kept } = lockfile.packages;
    expect(withoutUnpinned(lockfile)).toEqual({ packages: kept });
    expect(missingOptional(withoutUnpinned(lockfile))).toEqual(['x-linux-x64', 'x-win32']);
  });
});
