/** The authorizer's environment: exactly these names, checked against the synthesized template. */
import * as z from 'zod';

export const AuthorizerEnv = z.object({ KEYS_TABLE: z.string().min(1) });
export type AuthorizerEnv = z.infer<typeof AuthorizerEnv>;
