/** A client: the company or product whose keys call this endpoint, and the choices it has made. */
import * as z from 'zod';

/** What a client decides for all its tenants. Every field has a default, so an old record stays valid. */
export const ClientPolicy = z.object({
  /** Whether `connect_provider` takes credentials as tool arguments, where a model sees them. */
  inline_credentials: z.enum(['accept', 'refuse']).default('accept'),
});
export type ClientPolicy = z.infer<typeof ClientPolicy>;

export interface ClientRecord {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly policy: ClientPolicy;
}
