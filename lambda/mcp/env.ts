/** The MCP function's environment: exactly these names, checked against the synthesized template. */
import * as z from 'zod';

export const McpEnv = z.object({
  TENANTS_TABLE: z.string().min(1),
  TENANT_ROLE_ARN: z.string().min(1),
  CREDENTIAL_KEY_ARN: z.string().min(1),
  /** Opens settings and secrets of OAuth apps. */
  APP_ROLE_ARN: z.string().min(1),
  /** Where this service is reached; empty: where API Gateway says. */
  PUBLIC_URL: z.string(),
  /** Web origins, separated by spaces; empty: none but those of this machine. */
  ALLOWED_ORIGINS: z.string().transform((text) => text.split(' ').filter((origin) => origin !== '')),
});
export type McpEnv = z.infer<typeof McpEnv>;
