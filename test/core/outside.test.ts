/** What vendors send is parsed in one place, and their words are cut in one. */
import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/project.ts';

/** The rooms that meet what others wrote. */
const MEETING = [
  'core/egress',
  'core/oauth',
  'core/provider',
  'core/connect',
  'core/consent',
  'adapters/http',
  'providers',
];

/** Lists, digests, and the name of a cookie, which is a digest too. */
const OWN = /\.split\(|^(providers\/render|adapters\/http\/api-gateway)\.ts: \.slice\(|levels\.slice|hashSecret\(/;

const lines = MEETING.flatMap((folder) =>
  readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      readFileSync(join(PROJECT_ROOT, folder, file), 'utf8')
        .split('\n')
        .map((line) => `${folder}/${file}: ${line.trim()}`),
    ),
);

describe('what a vendor sends', () => {
  it('is parsed by parseJson, which drops, rounds and splits nothing', () => {
    expect(lines.length).toBeGreaterThan(3_000);
    expect(lines.filter((line) => /\bJSON\.parse\(|\.json\(\)/.test(line))).toEqual([]);
  });

  it('is cut by core/text.ts: no other line takes the beginning of a text', () => {
    const cuts = lines.filter((line) => /\.slice\(0, \w+\)|\.substr(ing)?\(/.test(line));
    const others = cuts.filter((line) => !OWN.test(line));
    expect(others).toEqual([]);
  });
});
