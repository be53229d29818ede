/** A client as the admin API shows it. */
import type * as z from 'zod';
import type { ClientRecord } from '../../../core/tenant/client.ts';
import type { ClientRow } from './contract.ts';

export function toClientJson({ id, createdAt, policy }: ClientRecord): z.input<typeof ClientRow> {
  return { id, created_at: createdAt, policy };
}
