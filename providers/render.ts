/**
 * Renders every provider to the JSON that is listed and searched at run time. Runs at build time only; it refuses
 * what a client could not use: a clash of names, a name that is too long, a description that would be cut.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as z from 'zod';
import type { Auth } from '../core/provider/auth.ts';
import type { Catalog, CatalogAuth, CatalogCategory, CatalogProvider, CatalogTool } from '../core/catalog/catalog.ts';
import { toInputSchema } from '../core/provider/json-schema.ts';
import type { JsonObject } from '../core/json.ts';
import { standingOf, type Provider } from '../core/provider/provider.ts';
import type { AnyTool, Category } from '../core/provider/tool.ts';
import { PROVIDERS } from './index.ts';

/** Cursor drops a tool whose server and tool name exceed 60 characters together. */
export const MAX_NAME = 45;
export const MAX_DESCRIPTION = 700;
const NAME = /^[a-z][a-z0-9_]*$/;

/** @param root the project's folder, where `providers/<key>/skills/<category>.md` are read. */
export async function renderCatalog(root: string): Promise<Catalog> {
  const loaded: Provider[] = [];
  for (const load of Object.values(PROVIDERS)) loaded.push(await load());
  const providers = await Promise.all(loaded.map((provider) => renderProvider(root, provider)));
  const tools = loaded.flatMap((provider) => renderTools(provider)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const repeated = tools.find(({ name }, i) => tools[i + 1]?.name === name);
  if (repeated !== undefined) throw new Error(`two tools are called ${repeated.name}`);
  const version = createHash('sha256')
    .update(JSON.stringify([providers, tools]))
    .digest('hex')
    .slice(0, 16);
  return { version, providers, tools };
}

async function renderProvider(root: string, provider: Provider): Promise<CatalogProvider> {
  return {
    key: provider.key,
    name: provider.name,
    docs: provider.docs,
    source: 'own',
    ...standingOf(provider),
    auth: provider.auth.map(renderAuth),
    categories: await Promise.all(
      Object.entries(provider.categories).map(([key, category]) => renderCategory(root, provider.key, key, category)),
    ),
  };
}

async function renderCategory(
  root: string,
  provider: string,
  key: string,
  category: Category,
): Promise<CatalogCategory> {
  const { title, purpose, core } = category;
  const skill = await readFile(path.join(root, 'providers', provider, 'skills', `${key}.md`), 'utf8');
  return { key, title, purpose, core, skill: skill.trim() };
}

function renderTools(provider: Provider): readonly CatalogTool[] {
  return Object.entries(provider.categories).flatMap(([category, { tools }]) =>
    tools.map((tool) => renderTool(provider, category, tool)),
  );
}

function renderTool(provider: Provider, category: string, tool: AnyTool): CatalogTool {
  const name = `${provider.key}_${tool.name}`;
  if (!NAME.test(name) || name.length > MAX_NAME)
    throw new Error(`${name} is not a tool name of at most ${MAX_NAME} characters`);
  if (tool.description.length > MAX_DESCRIPTION)
    throw new Error(`the description of ${name} is longer than ${MAX_DESCRIPTION} characters`);
  const isRead = tool.access === 'read';
  return {
    name,
    provider: provider.key,
    category,
    access: tool.access,
    exposure: tool.exposure ?? [],
    definition: {
      name,
      title: `${provider.name}: ${tool.title}`,
      description: tool.description,
      inputSchema: toInputSchema(tool.input as z.ZodType, isPaged(tool) ? CURSOR : {}),
      outputSchema: toOutputSchema(tool),
      annotations: {
        readOnlyHint: isRead,
        destructiveHint: tool.access === 'destructive',
        idempotentHint: isRead || tool.idempotent === true,
        openWorldHint: true,
      },
    },
  };
}

const CURSOR = { cursor: { type: 'string', description: 'next_cursor' } };

/** Nothing is required: an answer may also be a question, such as whether to go on. */
function toOutputSchema(tool: AnyTool): JsonObject {
  const account = { connection: { type: 'string' }, account: { type: 'string' }, truncated: { type: 'object' } };
  const rows = { items: { type: 'array', items: { type: 'object' } } };
  const pages = isPaged(tool) ? { next_cursor: { type: 'string' }, total: { type: 'integer' } } : {};
  const item = { item: { type: 'object' }, ...(tool.verify === undefined ? {} : { applied: { type: 'object' } }) };
  return { type: 'object', properties: { ...(tool.shape.kind === 'list' ? { ...rows, ...pages } : item), ...account } };
}

/**
 * Every list takes the cursor that goes on with the rows which did not fit; it is listed where that is to be expected, because
 * each byte of a list is loaded by every client.
 */
function isPaged({ shape }: AnyTool): boolean {
  return shape.kind === 'list' && (shape.paging !== undefined || shape.sift !== undefined);
}

/** A way of signing in as lists and pages show it. */
export function renderAuth(auth: Auth): CatalogAuth {
  const { id, kind, label, fields } = auth;
  const permissions = auth.kind === 'oauth2' ? auth.scopes.optional : undefined;
  return { id, kind, label, fields, ...(permissions === undefined ? {} : { permissions }) };
}
