import { beforeAll, describe, expect, it } from '@jest/globals';
import { withoutOutputSchema } from '../../core/catalog/registry.ts';
import { renderCatalog } from '../../providers/render.ts';
import { endpoint, modernClient } from '../lambda/mcp/endpoint.ts';
import { bytes, firstContact, type FirstContact } from './first-contact.ts';

const TOTAL = 12 * 1024;
/** What one provider may list at once, so that two of them and the system tools stay within the total. */
const CORE = 3_400;
const HINTS = ['destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint'];

let contact: FirstContact;
let everything: FirstContact;
beforeAll(async () => {
  contact = await firstContact();
  everything = await firstContact('?full_catalog=true');
});

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

describe('what a client loads at first contact', () => {
  it('stays under 12 KB of JSON with two providers connected: instructions and the default list', () => {
    const system = contact.tools.filter(({ _meta }) => _meta?.['anthropic/alwaysLoad'] === true);
    expect(system).toHaveLength(9);
    expect(contact.tools.length).toBeGreaterThanOrEqual(9 + 2 * 5);
    expect(bytes(contact.instructions) + bytes(contact.tools)).toBeLessThanOrEqual(TOTAL);
  });

  it('gives every provider that ships the same room', async () => {
    const { providers, tools } = await renderCatalog('.');
    const problems = providers.flatMap(({ key, categories }) => {
      const core = new Set(categories.filter((category) => category.core).map((category) => category.key));
      const listed = tools.filter(({ provider, category }) => provider === key && core.has(category));
      const size = sum(listed.map((tool) => bytes(withoutOutputSchema(tool).definition)));
      if (listed.length === 0) return [`${key} lists nothing: make a category core`];
      return size > CORE ? [`${key} lists ${size} bytes at once of ${CORE}: say less, or make fewer tools core`] : [];
    });
    expect(problems).toEqual([]);
  });

  it('says how to find and run a tool in 500 characters, everything in 2 KB', () => {
    expect(Buffer.byteLength(contact.instructions)).toBeLessThanOrEqual(2_048);
    const start = contact.instructions.slice(0, 500);
    const auths = [
      'list_connections',
      'list_providers',
      'connect_hint',
      'search_tools',
      'describe_category',
      'call_tool',
    ];
    expect(auths.filter((auth) => !start.includes(auth))).toEqual([]);
  });

  it('holds an icon of under 500 bytes that needs no request', () => {
    const [icon] = contact.serverInfo.icons ?? [];
    expect(icon?.src).toMatch(/^data:image\/svg\+xml;base64,[A-Za-z0-9+/=]+$/);
    expect(icon?.src.length).toBeLessThan(500);
    const svg = Buffer.from(icon?.src.split(',')[1] ?? '', 'base64').toString();
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*<\/svg>$/);
  });

  it('sends the icon at first contact only, on the newer leg too', async () => {
    const { fetch } = endpoint({ transport: () => Promise.reject(new Error('nothing is sent')) });
    const bodies: string[] = [];
    const client = await modernClient(async (...args) => {
      const answer = await fetch(...args);
      bodies.push(await answer.clone().text());
      return answer;
    }, 'pinned');
    await client.listTools();
    await client.close();
    expect(bodies.filter((body) => body.includes('data:image'))).toEqual(bodies.slice(0, 1));
    expect(bodies.length).toBeGreaterThan(1);
  });

  it('asks clients that load tools on demand to keep the system tools, and no others', () => {
    const kept = contact.tools.filter(({ _meta }) => _meta !== undefined).map(({ name }) => name);
    expect(kept).toEqual(contact.tools.slice(0, 9).map(({ name }) => name));
  });
});

describe('every tool that can be listed', () => {
  it('is small: at most 600 bytes in the middle and 1,400 at most', async () => {
    const { tools } = await renderCatalog('.');
    const sized = [...contact.tools.slice(0, 9), ...tools.map((tool) => withoutOutputSchema(tool).definition)]
      .map((tool) => ({ name: tool.name, size: bytes(tool) }))
      .toSorted((a, b) => a.size - b.size);
    expect(sized.length).toBeGreaterThan(50);
    expect(sized[Math.floor(sized.length / 2)]?.size).toBeLessThanOrEqual(600);
    expect(sized.filter(({ size }) => size > 1_400)).toEqual([]);
  });

  it('has a name, a title, a description and arguments within what clients take', () => {
    for (const { name, title, description, inputSchema } of everything.tools) {
      expect(name).toMatch(/^[a-z][a-z0-9_]{0,44}$/);
      expect([name, (title ?? '').length > 0]).toEqual([name, true]);
      expect([name, description.length > 0 && description.length <= 700]).toEqual([name, true]);
      const long = Object.keys(inputSchema.properties ?? {}).filter((argument) => argument.length > 64);
      expect([name, long]).toEqual([name, []]);
    }
  });

  it('carries all four hints, each said outright', () => {
    for (const { name, annotations = {} } of everything.tools) {
      expect([name, Object.keys(annotations).toSorted()]).toEqual([name, HINTS]);
      expect([name, Object.values(annotations).every((hint) => typeof hint === 'boolean')]).toEqual([name, true]);
      expect([name, annotations['readOnlyHint'] === true && annotations['destructiveHint'] === true]).toEqual([
        name,
        false,
      ]);
    }
  });

  it('needs no approval by name if it only reads; call_tool does, since it may delete', () => {
    // As Codex decides it when nobody can be asked.
    const isRefused = (name: string): boolean => {
      const { destructiveHint, readOnlyHint, openWorldHint } =
        everything.tools.find((tool) => tool.name === name)?.annotations ?? {};
      return destructiveHint === true || (readOnlyHint !== true && openWorldHint === true);
    };
    const reads = everything.tools.filter(({ annotations }) => annotations?.['readOnlyHint'] === true);
    expect(reads.length).toBeGreaterThan(30);
    expect(reads.filter(({ name }) => isRefused(name))).toEqual([]);
    expect(isRefused('call_tool')).toBe(true);
  });

  it('says what its result looks like in the full catalogue, where programs read it, and nowhere else', () => {
    const provided = everything.tools.slice(9);
    expect(provided.every(({ outputSchema }) => outputSchema !== undefined)).toBe(true);
    expect(contact.tools.filter(({ outputSchema }) => outputSchema !== undefined)).toEqual([]);
    const list = provided.find(({ name }) => name === 'bitrix24_list_deals');
    expect(list?.outputSchema).toMatchObject({
      type: 'object',
      properties: { items: { type: 'array' }, next_cursor: { type: 'string' } },
    });
  });

  it('leaves room for connection and confirm_token beside its own arguments', () => {
    for (const { name, inputSchema } of everything.tools)
      expect([name, Object.hasOwn(inputSchema, 'additionalProperties')]).toEqual([name, false]);
  });
});
