/** The exact `connect_provider(...)` call for a provider, as every row and every refusal shows it. No I/O. */
import type { CatalogAuth, CatalogProvider } from './catalog.ts';
import type { ClientPolicy } from './client.ts';

export function connectHint(provider: CatalogProvider, policy: ClientPolicy): string {
  // Consent is given on the provider's own page: there is nothing to pass along.
  const way = provider.auth.find(({ kind }) => kind !== 'oauth2');
  if (way === undefined || policy.inline_credentials === 'refuse')
    return `connect_provider(provider_key: "${provider.key}")`;
  return `connect_provider(provider_key: "${provider.key}", ${argumentsOf(way)})`;
}

function argumentsOf({ kind, fields }: CatalogAuth): string {
  const shown = fields.map(({ key, label, example }) => `${key}: "${example ?? `<${label}>`}"`);
  return kind === 'fields' ? `extra_fields: {${shown.join(', ')}}` : shown.join(', ');
}
