/** The connect function. Its role opens no credential; `wiring.ts` says what it is made of. */
import { readFileSync } from 'node:fs';
import { wireConnect } from './wiring.ts';

export const handler = wireConnect(process.env, readFileSync(new URL('./manifest.json', import.meta.url), 'utf8'));
