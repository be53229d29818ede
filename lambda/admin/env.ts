/** The admin function's environment: exactly these names, checked against the synthesized template. */
import * as z from 'zod';

export const AdminEnv = z.object({
  KEYS_TABLE: z.string().min(1),
  TENANTS_TABLE: z.string().min(1),
  CREDENTIAL_KEY_ARN: z.string().min(1),
  /** Lists, stores and deletes for one tenant, and opens nothing. */
  TENANT_WRITER_ROLE_ARN: z.string().min(1),
  /** Where this service is reached; empty: where API Gateway says. */
  PUBLIC_URL: z.string(),
});
export type AdminEnv = z.infer<typeof AdminEnv>;
