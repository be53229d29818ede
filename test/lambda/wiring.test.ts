/** Handlers and wiring build objects: what is decided about a request is decided beside the app. */
import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const files = execFileSync('git', ['ls-files', '--', 'lambda/*/handler.ts', 'lambda/*/wiring.ts'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '');

const DECIDES = {
  'a comparison': /[=!]==|[<>]=? \d/,
  'a path': /'\/|\/\^|\\\//,
  'a method': /'(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)'/,
  'a status or a header': /\bstatus\b|headers/,
} as const;

function found(text: string): readonly string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$|^import .*$|^} from .*$/gm, '');
  return Object.entries(DECIDES).flatMap(([what, shape]) => (shape.test(code) ? [what] : []));
}

describe('a handler and its wiring', () => {
  it.each(files)('decide nothing: %s', (file) => {
    expect(found(readFileSync(file, 'utf8'))).toEqual([]);
  });

  it('are read of every function, and a decision in one is seen', () => {
    expect(files.length).toBeGreaterThanOrEqual(9);
    expect(found("if (event.path === '/mcp') return;")).toEqual(['a comparison', 'a path']);
    expect(found("request.method !== 'GET' && response.headers")).toEqual([
      'a comparison',
      'a method',
      'a status or a header',
    ]);
  });
});
