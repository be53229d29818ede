import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { completed, missingOptional, type Lockfile } from '../lib/build/lockfile.ts';

const read = (): Lockfile => JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lockfile;

describe('the lockfile', () => {
  it('has every optional package of every platform; otherwise run npm run lockfile', () => {
    expect(missingOptional(read()).map(([place]) => place)).toEqual([]);
  });

  it('names no registry', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
  });

  it('is completed with what the names of platform packages say', () => {
    const packages: Lockfile['packages'] = {
      'node_modules/x': {
        version: '1.0.0',
        dev: true,
        optionalDependencies: {
          'x-linux-arm64-musl': '1.0.0',
          'x-darwin-x64': '^1.0.0',
          'x-linux-arm-gnueabihf': '1.0.0',
        },
      },
      'node_modules/x-darwin-x64': { version: '1.0.0' },
    };
    const result = completed({ packages }).packages;
    expect(result['node_modules/x-linux-arm64-musl']).toEqual({
      version: '1.0.0',
      cpu: ['arm64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    });
    expect(result['node_modules/x-linux-arm-gnueabihf']).toMatchObject({
      cpu: ['arm'],
      libc: ['glibc'],
      os: ['linux'],
    });
    expect(result['node_modules/x-darwin-x64']).toEqual({ version: '1.0.0' });
    expect(missingOptional({ packages: result })).toEqual([]);
  });
});
