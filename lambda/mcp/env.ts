/** The MCP function's environment: exactly these names, checked against the synthesized template. */
import * as z from 'zod';

export const McpEnv = z.object({
  TENANTS_TABLE: z.string().min(1),
  TENANT_ROLE_ARN: z.string().min(1),
  CREDENTIAL_KEY_ARN: z.string().min(1),
  /** Web origins, separated by spaces; empty: none but those of this machine. */
  ALLOWED_ORIGINS: z.string().transform((text) => text.split(' ').filter((origin) => origin !== '')),
});
export type McpEnv = z.infer<typeof McpEnv>;
