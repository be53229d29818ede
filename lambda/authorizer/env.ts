/** The authorizer's environment: exactly these names, checked against the synthesized template. */
import * as z from 'zod';

export const AuthorizerEnv = z.object({
  KEYS_TABLE: z.string().min(1),
  /** How long one try to look a key up may take, in milliseconds. */
  LOOKUP_MS: z.coerce.number().int().positive(),
});

/** Where it is deployed: a lookup takes some ten milliseconds there, and a new connection some hundred. */
export const LOOKUP_MS = 800;

export type AuthorizerEnv = z.infer<typeof AuthorizerEnv>;
