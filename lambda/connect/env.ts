/** The connect function's environment: exactly these names, checked against the synthesized template. */
import * as z from 'zod';

export const ConnectEnv = z.object({
  TENANTS_TABLE: z.string().min(1),
  /** Seals and stores for the tenant that a link belongs to; opens nothing. */
  TENANT_WRITER_ROLE_ARN: z.string().min(1),
  /** Opens settings and secrets of OAuth apps. */
  APP_ROLE_ARN: z.string().min(1),
  CREDENTIAL_KEY_ARN: z.string().min(1),
  /** Where this service is reached; empty: where API Gateway says. */
  PUBLIC_URL: z.string(),
});
export type ConnectEnv = z.infer<typeof ConnectEnv>;
