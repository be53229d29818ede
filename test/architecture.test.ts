import { describe, expect, it } from '@jest/globals';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const npm = (name: string): string => `^node_modules/${name}/`;

/** Who may import whom. Paths are relative to the project; what is not allowed is an error. */
function may(folder: string, ...allowed: readonly string[]): IForbiddenRuleType {
  return {
    name: `${folder} imports only what it may`,
    severity: 'error',
    from: { path: `^${folder}/` },
    to: { pathNot: [`^${folder}/`, ...allowed] },
  };
}

const NODE =
  '^(node:)?(assert|buffer|child_process|crypto|dns|events|fs|http|https|module|net|os|path|perf_hooks|process|readline|stream|string_decoder|timers|tls|url|util|v8|vm|worker_threads|zlib)(/|$)';
const PURE_NODE = '^(node:)?(crypto|net|util|zlib)$';

const forbidden: IForbiddenRuleType[] = [
  may('core', PURE_NODE, npm('zod'), npm('lru-cache'), npm('minisearch'), npm('oauth4webapi')),
  may('adapters/aws', '^core/', PURE_NODE, npm('@aws-sdk'), npm('zod'), npm('lru-cache')),
  may('adapters/http', '^core/', NODE, '^aws-lambda$'),
  may('providers', '^core/', npm('zod'), NODE),
  may('lambda/mcp/tools', '^core/', '^lambda/mcp/(request|ask)/', npm('zod')),
  may(
    'lib',
    '^lambda/[^/]+/env\\.ts$',
    '^adapters/aws/schema\\.ts$',
    '^core/(vault/app-owner|catalog/catalog|nearest|catalog/search)\\.ts$',
    '^lambda/(mcp/(request/manifest|tools/index)|connect/manifest)\\.ts$',
    '^providers/render\\.ts$',
    NODE,
    npm('aws-cdk-lib'),
    npm('constructs'),
    npm('cdk-nag'),
    npm('zod'),
    npm('esbuild'),
    npm('@modelcontextprotocol'),
  ),
  may('bin', '^lib/', NODE, npm('aws-cdk-lib')),
  may(
    'cli',
    '^core/',
    '^lambda/admin/(contract[a-z-]*|endpoint)\\.ts$',
    '^providers/render\\.ts$',
    '^lib/',
    NODE,
    npm('commander'),
    npm('zod'),
    npm('@aws-sdk'),
  ),
  {
    name: 'nothing imports a handler',
    severity: 'error',
    from: {},
    to: { path: '^lambda/[^/]+/handler\\.ts$' },
  },
  {
    name: 'product code does not know the laptop, the CLI or the tests',
    severity: 'error',
    from: { path: '^(lambda|adapters|core|providers|lib|bin)/' },
    to: { path: '^(local|cli|test)/' },
  },
  {
    name: 'only handlers wire functions to AWS',
    severity: 'error',
    from: {
      path: '^lambda/(authorizer|mcp|connect|admin|bootstrap|events|tenant-keys)/',
      pathNot: '(handler|wiring)\\.ts$',
    },
    to: { path: '^(adapters/|node_modules/@aws-sdk/|node_modules/@middy/)' },
  },
  { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
];

describe('the architecture', () => {
  it('has imports in one direction only', async () => {
    const { output } = await cruise(['bin', 'lib', 'lambda', 'adapters', 'core', 'providers', 'local', 'cli'], {
      validate: true,
      ruleSet: { forbidden },
      doNotFollow: { path: 'node_modules' },
      tsPreCompilationDeps: true,
      enhancedResolveOptions: {
        exportsFields: ['exports'],
        conditionNames: ['import', 'types', 'node', 'default'],
        extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      },
    });
    const { summary } = output as ICruiseResult;
    // A parser that is missing says "no violations" of no modules.
    expect(summary.totalCruised).toBeGreaterThan(100);
    expect(summary.violations.map(({ rule, from, to }) => `${from} -> ${to}: ${rule.name}`)).toEqual([]);
  }, 60_000);

  const files = execFileSync('git', ['ls-files', '*.ts', '*.js', '*.cjs'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '');

  it('has no folder or file that is named for nothing', () => {
    expect(
      files.filter((file) => /(^|\/)(utils?|helpers?|common|misc|manager|service|base)(\/|\.[a-z]+$)/.test(file)),
    ).toEqual([]);
  });

  it('replaces no module in a test: fakes are passed in', () => {
    const mock = ['jest', 'mock('].join('.');
    expect(files.filter((file) => file.startsWith('test/') && readFileSync(file, 'utf8').includes(mock))).toEqual([]);
  });

  it('has no switched-off lint rule and no unchecked type', () => {
    const switches = /@ts-(ignore|nocheck|expect-error)|(oxlint|eslint)-disable/;
    expect(
      files.filter((file) => file !== 'test/architecture.test.ts' && switches.test(readFileSync(file, 'utf8'))),
    ).toEqual([]);
  });
});
