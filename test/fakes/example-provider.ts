/** A small provider with every shape of tool, for tests of the engine and the endpoint. It ships nowhere. */
import * as z from 'zod';
import type { Catalog, CatalogTool } from '../../core/catalog/catalog.ts';
import { toInputSchema } from '../../core/provider/json-schema.ts';
import { at, pick, textAt, type JsonObject } from '../../core/json.ts';
import { defineProvider, type Provider } from '../../core/provider/provider.ts';
import { get, path, post } from '../../core/provider/request.ts';
import { defineTool, offsetInBody, type AnyTool } from '../../core/provider/tool.ts';
import { renderAuth } from '../../providers/render.ts';

const item = (body: unknown): JsonObject | undefined => at(body, 'item') as JsonObject | undefined;
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

const listThings = defineTool({
  name: 'list_things',
  title: 'List things',
  description: 'Lists things by color.',
  access: 'read',
  input: z.strictObject({ color: z.string().optional() }),
  request: ({ color }) => post('/things', { color }),
  shape: {
    kind: 'list',
    rows: (body) => at(body, 'rows'),
    row: pick({ id: 'ID', text: 'TEXT' }),
    paging: offsetInBody(
      'start',
      (body) => number(at(body, 'next')),
      (body) => number(at(body, 'total')),
    ),
  },
});

const getThing = defineTool({
  name: 'get_thing',
  title: 'Get a thing',
  description: 'Reads one thing.',
  access: 'read',
  input: z.strictObject({ id: z.string().min(1) }),
  request: ({ id }) => get(path`/things/${id}`),
  shape: { kind: 'item', item },
});

const paintThing = defineTool({
  name: 'paint_thing',
  title: 'Paint a thing',
  description: 'Changes the color of a thing.',
  access: 'write',
  input: z.strictObject({ id: z.string().min(1), color: z.string().min(1) }),
  request: ({ id, color }) => post(path`/things/${id}`, { color }),
  shape: { kind: 'item', item: () => ({ accepted: true }) },
  verify: ({ id, color }) => ({ tool: 'get_thing', args: { id }, expect: { color } }),
});

const eraseThing = defineTool({
  name: 'erase_thing',
  title: 'Erase a thing',
  description: 'Deletes a thing.',
  access: 'destructive',
  input: z.strictObject({ id: z.string().min(1) }),
  request: ({ id }) => ({ method: 'DELETE', path: `/things/${id}`, template: '/things/{}' }),
  shape: { kind: 'item', item: () => ({ deleted: true }) },
});

export const exampleProvider: Provider = defineProvider({
  key: 'example',
  name: 'Example',
  docs: 'https://example.com/docs',
  hosts: ['*.example.com'],
  auth: [
    {
      kind: 'api_key',
      id: 'token',
      label: 'Token',
      fields: [{ key: 'api_key', label: 'Token', secret: true, pattern: '^tok_[a-z0-9]+$', example: 'tok_abc' }],
      derive: () => ({ site: 'one' }),
      inject: ({ api_key = '' }) => ({
        baseUrl: 'https://one.example.com/api',
        headers: { authorization: `Bearer ${api_key}` },
      }),
    },
  ],
  errors: [
    { when: ({ body }) => at(body, 'error') === 'SLOW_DOWN', is: 'rate_limited' },
    { when: ({ body }) => at(body, 'error') === 'REVOKED', is: 'reconnect_required' },
    {
      when: ({ body }) => typeof at(body, 'error') === 'string',
      is: 'invalid_input',
      say: ({ body }) => textAt(body, 'error') ?? '',
    },
  ],
  probe: { request: post('/me'), account: (body) => textAt(body, 'name') },
  categories: {
    things: { title: 'Things', purpose: 'Find things', core: true, tools: [listThings, getThing] },
    changes: { title: 'Changes', purpose: 'Change things', core: false, tools: [paintThing, eraseThing] },
  },
});

/** The catalogue entry of a provider, rendered without skill files. */
export function catalogOf(provider: Provider): Catalog {
  const tools: CatalogTool[] = Object.entries(provider.categories).flatMap(([category, { tools: list }]) =>
    list.map((tool) => entry(provider, category, tool)),
  );
  return {
    version: 'test',
    providers: [
      {
        key: provider.key,
        name: provider.name,
        docs: provider.docs,
        source: 'own',
        verified: true,
        level: 'documented',
        auth: provider.auth.map(renderAuth),
        categories: Object.entries(provider.categories).map(([key, { title, purpose, core }]) => ({
          key,
          title,
          purpose,
          core,
          skill: `How to use ${key}.`,
        })),
      },
    ],
    tools,
  };
}

function entry(provider: Provider, category: string, tool: AnyTool): CatalogTool {
  const name = `${provider.key}_${tool.name}`;
  return {
    name,
    provider: provider.key,
    category,
    access: tool.access,
    exposure: [],
    definition: {
      name,
      title: tool.title,
      description: tool.description,
      inputSchema: toInputSchema(tool.input as z.ZodType),
      annotations: {
        readOnlyHint: tool.access === 'read',
        destructiveHint: tool.access === 'destructive',
        idempotentHint: false,
        openWorldHint: true,
      },
    },
  };
}
