/** The mutations themselves; `npm run sabotage` runs them, which takes minutes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PROJECT_ROOT } from '../../lib/project.ts';
import { bullets, readPage } from '../docs/markdown.ts';
import { mutated, MUTATIONS } from './mutations.ts';

describe('the mutations of npm run sabotage', () => {
  it('each change one place that is there, of code and not of a test', () => {
    for (const mutation of MUTATIONS) {
      const source = readFileSync(join(PROJECT_ROOT, mutation.file), 'utf8');
      expect(() => mutated(source, mutation)).not.toThrow();
      expect(mutated(source, mutation)).not.toBe(source);
      expect(mutation.file).not.toMatch(/^(test|docs)\//);
    }
  });

  it('break at least thirty-five different promises of docs/security.md', () => {
    const promises = bullets(readPage('docs/security.md'));
    const broken = new Set(MUTATIONS.map(({ sentence }) => sentence));
    expect([...broken].filter((sentence) => !promises.includes(sentence))).toEqual([]);
    expect(broken.size).toBeGreaterThanOrEqual(35);
  });

  it('are told when their words are gone or stand twice', () => {
    const mutation = { sentence: '', file: 'a.ts', find: 'b', replace: 'c' };
    expect(mutated('abd', mutation)).toBe('acd');
    expect(() => mutated('ad', mutation)).toThrow('a.ts holds no longer: b');
    expect(() => mutated('abdb', mutation)).toThrow('a.ts holds more than once: b');
  });
});
