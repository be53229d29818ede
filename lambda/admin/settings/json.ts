/** Settings as the admin API shows them: `null` for what is not set. */
import type { Brand } from '../../../core/tenant/settings.ts';

export function toBrandJson({ name, logo_url: logo, color }: Brand) {
  return { name: name ?? null, logo_url: logo ?? null, color: color ?? null };
}
