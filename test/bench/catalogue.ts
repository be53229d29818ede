/** Providers of any number of tools, of the size that tools have in practice: about 650 bytes each when listed. */
import * as z from 'zod';
import { at } from '../../core/json.ts';
import { defineProvider, type Provider } from '../../core/provider/provider.ts';
import { post } from '../../core/provider/request.ts';
import { defineTool, type AnyTool, type Category } from '../../core/provider/tool.ts';

const PER_CATEGORY = 20;

/** The arguments of every made-up tool; the peer registers the same. */
export const argumentsOfTool = {
  query: z.string().max(200).describe('Part of the title').optional(),
  status: z.enum(['open', 'won', 'lost']).describe('Only these').optional(),
  created_after: z.string().max(40).describe('ISO 8601 with offset').optional(),
  record_id: z.int().min(1).describe('Id of the record'),
};

export const describeTool = (i: number): string =>
  `Reads records of kind ${i}, newest first, that match every filter, with their owner, status and dates.`;

function tool(i: number): AnyTool {
  return defineTool({
    name: `list_records_${i}`,
    title: `List records of kind ${i}`,
    description: describeTool(i),
    access: 'read',
    input: z.strictObject(argumentsOfTool),
    request: ({ record_id }) => post('/records', { id: record_id }),
    shape: { kind: 'item', item: (body) => ({ text: String(at(body, 'text')) }) },
  });
}

/** All of them in core categories, so that the default list holds them. */
export function providerOf(tools: number): Provider {
  const categories = Array.from({ length: Math.ceil(tools / PER_CATEGORY) }, (_, c): [string, Category] => [
    `kinds_${c}`,
    {
      title: `Kinds ${c}`,
      purpose: 'Made-up records',
      core: true,
      tools: Array.from({ length: Math.min(PER_CATEGORY, tools - c * PER_CATEGORY) }, (_, i) =>
        tool(c * PER_CATEGORY + i),
      ),
    },
  ]);
  return defineProvider({
    key: 'bench',
    name: 'Bench',
    docs: 'https://example.com/docs',
    hosts: ['*.example.com'],
    auth: [
      {
        kind: 'api_key',
        id: 'token',
        label: 'Token',
        fields: [{ key: 'api_key', label: 'Token', secret: true }],
        derive: () => ({}),
        inject: ({ api_key = '' }) => ({
          baseUrl: 'https://one.example.com/api',
          headers: { authorization: `Bearer ${api_key}` },
        }),
      },
    ],
    errors: [],
    probe: { request: post('/me'), account: () => 'Ann' },
    categories: Object.fromEntries(categories),
  });
}
