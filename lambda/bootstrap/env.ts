/** The bootstrap function's environment: exactly these names, checked against the synthesized template. */
import * as z from 'zod';

export const BootstrapEnv = z.object({ KEYS_TABLE: z.string().min(1), TENANTS_TABLE: z.string().min(1) });
export type BootstrapEnv = z.infer<typeof BootstrapEnv>;
