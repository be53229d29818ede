/** An OAuth app as the admin API shows it: snake_case, `null` for what is not set, and never a secret. */
import type * as z from 'zod';
import { levelOf, type StoredApp } from '../../../core/oauth/app-admin.ts';
import type { OAuthAppRow } from './contract.ts';

export function toAppJson({ owner, provider, clientId, hasSecret, createdAt }: StoredApp): z.input<typeof OAuthAppRow> {
  return {
    level: levelOf(owner),
    client: owner.client ?? null,
    org: owner.org ?? null,
    provider,
    client_id: clientId,
    has_secret: hasSecret,
    created_at: createdAt,
  };
}
