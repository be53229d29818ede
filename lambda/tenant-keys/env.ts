/** The environment of the function that makes tenant keys: exactly these names, checked against the synthesized template. */
import * as z from 'zod';

export const TenantKeysEnv = z.object({ KEYS_TABLE: z.string().min(1) });
export type TenantKeysEnv = z.infer<typeof TenantKeysEnv>;
