/**
 * How a provider is connected and used, in calls that an agent can make as they stand: every row and every refusal shows
 * the same words. The link comes first, because what a person types on its page never enters the conversation.
 */
import type { Catalog, CatalogAuth, CatalogProvider, CatalogTool } from './catalog.ts';
import type { ClientPolicy } from '../tenant/client.ts';
import { DEFAULT_CONNECTION } from '../vault/connection.ts';

/**
 * The exact `connect_provider(...)` call, and where credentials are taken in arguments the call with them too.
 * @param connection the account to connect again, where it is not the default one.
 */
export function connectHint(
  provider: CatalogProvider,
  policy: ClientPolicy,
  connection: string = DEFAULT_CONNECTION,
): string {
  const [auth] = provider.auth;
  const call = (values: readonly string[]): string => {
    const name = connection === DEFAULT_CONNECTION ? [] : [`connection: "${connection}"`];
    return `connect_provider(${[`provider_key: "${provider.key}"`, ...values, ...name].join(', ')})`;
  };
  // Consent is given on the provider's own page: there is nothing to pass along.
  if (auth === undefined || auth.kind === 'oauth2' || policy.inline_credentials === 'refuse') return call([]);
  return `${call([])} for a link; or, if the user has given the values already, ${call(argumentsOf(auth))}`;
}

function argumentsOf({ kind, fields }: CatalogAuth): readonly string[] {
  const shown = fields.map(({ key, label, example }) => `${key}: "${example ?? `<${label}>`}"`);
  return kind === 'fields' ? [`extra_fields: {${shown.join(', ')}}`] : shown;
}

const SHOWN_TOOLS = 3;

/**
 * What to do once an account is connected. Many clients ask for the list of tools once and never again, so the new tools
 * are run by name.
 */
export function runHint(catalog: Catalog, { key, categories }: CatalogProvider, connection: string): string {
  const core = new Set(categories.filter((category) => category.core).map((category) => category.key));
  const rank = ({ access, category }: CatalogTool): number =>
    (core.has(category) ? 0 : 2) + (access === 'read' ? 0 : 1);
  const [first, ...more] = catalog.tools
    .filter(({ provider }) => provider === key)
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, SHOWN_TOOLS)
    .map(({ name }) => name);
  const which = connection === DEFAULT_CONNECTION ? '' : `, connection: "${connection}"`;
  const others = more.length === 0 ? '' : `; likewise ${more.join(', ')}`;
  return `Its tools run at once, listed or not: call_tool(tool: "${first ?? ''}", arguments: {...}${which})${others}. search_tools finds the others.`;
}
