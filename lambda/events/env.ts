/** The events function's environment: exactly these names, checked against the synthesized template. */
import * as z from 'zod';

export const EventsEnv = z.object({
  TENANTS_TABLE: z.string().min(1),
  /** Opens the secrets of webhooks. */
  WEBHOOK_ROLE_ARN: z.string().min(1),
  CREDENTIAL_KEY_ARN: z.string().min(1),
});
export type EventsEnv = z.infer<typeof EventsEnv>;
