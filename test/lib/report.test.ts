/** The floor of a bundle: which names of which packages our sources really use. */
import { describe, expect, it } from '@jest/globals';
import { floorExports } from '../../lib/build/floor.ts';

describe('the floor of a bundle', () => {
  it('keeps the values that a source imports from platform packages, and no type, own module or other package', () => {
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
});
