/** A tenant's principal as the authorizer would have made it. */
import type { KeyType } from '../../core/keys/api-key.ts';
import { ClientPolicy } from '../../core/tenant/client.ts';
import type { TenantPrincipal } from '../../core/keys/principal.ts';
import { tenantId } from '../../core/tenant/tenant.ts';

export function principalOf(
  parts: { client?: string; org?: string; user?: string } = {},
  more: Partial<TenantPrincipal> = {},
): TenantPrincipal {
  const { client = 'acme', org, user } = parts;
  const keyType: KeyType = 'platform';
  return {
    kind: 'tenant',
    keyId: 'k_test',
    keyType,
    clientId: client,
    org,
    user,
    tenant: tenantId({ client, org, user }),
    limits: {},
    policy: ClientPolicy.parse({}),
    confirm: 'destructive',
    ...more,
  };
}
