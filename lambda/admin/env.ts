/** The admin function's environment: exactly these names, checked against the synthesized template. */
import * as z from 'zod';

export const AdminEnv = z.object({ KEYS_TABLE: z.string().min(1), TENANTS_TABLE: z.string().min(1) });
export type AdminEnv = z.infer<typeof AdminEnv>;
