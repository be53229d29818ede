/** The MCP function. Its role may assume TenantRole and nothing else; `wiring.ts` says what it is made of. */
import { readFileSync } from 'node:fs';
import { wireMcp } from './wiring.ts';

export const handler = wireMcp(process.env, readFileSync(new URL('./manifest.json', import.meta.url), 'utf8'));
