/** What a bundle may hold, and the floor it is weighed against. */
import { describe, expect, it } from '@jest/globals';
import { floorExports, floorModule } from '../../lib/build/floor.ts';
import { strayInputs } from '../../lib/functions.ts';

describe('a bundle', () => {
  it('holds product code and packages, and nothing of the laptop or the tests', () => {
    const product = [
      'lambda/mcp/handler.ts',
      'providers/index.ts',
      'node_modules/zod/index.js',
      'node_modules/x/lib/a.js',
    ];
    const stray = ['local/main.ts', 'cli/main.ts', 'lib/bundled-function.ts', 'bin/build.ts', 'test/fakes/clock.ts'];
    expect(strayInputs([...product, ...stray])).toEqual(stray);
  });
});

describe('the floor of a bundle', () => {
  it('keeps the values that sources import from platform packages, and nothing else', () => {
    const source = [
      "import { DynamoDBClient, type GetItemCommandInput, GetItemCommand as Get } from '@aws-sdk/client-dynamodb';",
      "import middy from '@middy/core';",
      "import type { z } from 'zod';",
      "import * as zod from 'zod';",
      "import { readFile } from 'node:fs';",
      "import { other } from 'left-pad';",
      "import {\n  createServer,\n} from '@modelcontextprotocol/server';",
      "import { tenantId } from '../core/tenant.ts';",
    ].join('\n');
    expect(floorExports(source)).toEqual([
      { name: 'DynamoDBClient', from: '@aws-sdk/client-dynamodb' },
      { name: 'GetItemCommand', from: '@aws-sdk/client-dynamodb' },
      { name: 'default', from: '@middy/core' },
      { name: '*', from: 'zod' },
      { name: 'createServer', from: '@modelcontextprotocol/server' },
    ]);
  });

  it('names each export once and in one order, for the same bytes', () => {
    const a = "import { z } from 'zod';";
    const b = "import middy from '@middy/core';\nimport { z } from 'zod';";
    expect(floorModule([a, b])).toBe(floorModule([b, a]));
    expect(floorModule([a, b]).split('\n')).toEqual([
      "export { default as n0 } from '@middy/core';",
      "export { z as n1 } from 'zod';",
    ]);
  });
});
