/** What operators read names the command that does it, not a call over HTTP that they would have to make themselves. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from './set-up.ts';

const FOLDERS = ['cli', 'core', 'lambda/admin', 'local'];

/** Lines of code, without comments. */
function lines(): readonly { readonly file: string; readonly line: string }[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        readFileSync(path.join(ROOT, folder, file), 'utf8')
          .split('\n')
          .filter((line) => !/^\s*(\/?\*|\/\/)/.test(line))
          .map((line) => ({ file: `${folder}/${file}`, line })),
      ),
  );
}

describe('texts for operators', () => {
  it('name no call of the admin API', () => {
    const naming = lines().filter(({ line }) => /\b(GET|POST|PUT|PATCH|DELETE) \/admin\//.test(line));
    expect(naming).toEqual([]);
  });

  it('say no bare number of seconds that could be days', () => {
    const bare = lines().filter(({ line }) => /\$\{(retryAfter|seconds)\} seconds/.test(line));
    expect(bare).toEqual([]);
  });
});
