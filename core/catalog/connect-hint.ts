/** The exact `connect_provider(...)` call for a provider, as every row and every refusal shows it. */
import type { CatalogAuth, CatalogProvider } from './catalog.ts';
import type { ClientPolicy } from '../tenant/client.ts';
import { DEFAULT_CONNECTION } from '../vault/connection.ts';

/** @param connection the account to connect again, where it is not the default one. */
export function connectHint(
  provider: CatalogProvider,
  policy: ClientPolicy,
  connection: string = DEFAULT_CONNECTION,
): string {
  const [auth] = provider.auth;
  const parts = [
    `provider_key: "${provider.key}"`,
    // Consent is given on the provider's own page: there is nothing to pass along.
    ...(auth === undefined || auth.kind === 'oauth2' || policy.inline_credentials === 'refuse'
      ? []
      : argumentsOf(auth)),
    ...(connection === DEFAULT_CONNECTION ? [] : [`connection: "${connection}"`]),
  ];
  return `connect_provider(${parts.join(', ')})`;
}

function argumentsOf({ kind, fields }: CatalogAuth): readonly string[] {
  const shown = fields.map(({ key, label, example }) => `${key}: "${example ?? `<${label}>`}"`);
  return kind === 'fields' ? [`extra_fields: {${shown.join(', ')}}`] : shown;
}
