/** The providers that ship. A module is loaded on the first call to one of its tools, not at start. */
import type { Provider } from '../core/provider/provider.ts';

export const PROVIDERS: Readonly<Record<string, () => Promise<Provider>>> = {
  altegio: async () => (await import('./altegio/provider.ts')).provider,
  bitrix24: async () => (await import('./bitrix24/provider.ts')).provider,
  google_sheets: async () => (await import('./google_sheets/provider.ts')).provider,
  iiko: async () => (await import('./iiko/provider.ts')).provider,
  kommo: async () => (await import('./kommo/provider.ts')).provider,
};

/** Throws for a key that is not in the catalogue: the caller has looked the tool up there. */
export async function loadProvider(key: string): Promise<Provider> {
  const load = Object.hasOwn(PROVIDERS, key) ? PROVIDERS[key] : undefined;
  if (load === undefined) throw new RangeError(`no provider ${key}`);
  return load();
}
