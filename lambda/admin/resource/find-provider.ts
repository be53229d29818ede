/** Looks a provider up by its key; a miss names the nearest that there are. */
import type { AdminFault } from '../../../core/tenant/admin-fault.ts';
import type { OAuth2Auth } from '../../../core/provider/auth.ts';
import { noSuchProvider } from '../../../core/catalog/find.ts';
import { consentAuth } from '../../../core/oauth/app-admin.ts';
import type { Provider } from '../../../core/provider/provider.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { Providers } from './operation.ts';

export async function findShippedProvider(providers: Providers, key: string): Promise<Result<Provider, AdminFault>> {
  if (providers.keys.includes(key)) return ok(await providers.load(key));
  const known = providers.keys.map((one) => ({ key: one }));
  const { message, next } = noSuchProvider(key, known, `There are: ${providers.keys.join(', ')}.`);
  return fail({ code: 'not_found', message, next });
}

/** The provider and the way of signing in that an OAuth app is for. */
export async function findConsent(
  providers: Providers,
  key: string,
): Promise<Result<{ readonly provider: Provider; readonly auth: OAuth2Auth }, AdminFault>> {
  const found = await findShippedProvider(providers, key);
  if (!found.ok) return found;
  const auth = consentAuth(found.value);
  if (auth !== undefined) return ok({ provider: found.value, auth });
  const auths = found.value.auth.map(({ label }) => label).join(', ');
  return fail({
    code: 'invalid_input',
    message: `${found.value.name} is not connected by OAuth: it needs no app.`,
    next: `Its users connect with: ${auths}.`,
  });
}
