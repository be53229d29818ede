/**
 * The MCP function with the conformance suite's fixtures. Only `npm start -- --conformance` builds and serves it; a
 * deployed bundle cannot hold it (test/conformance/bundles.test.ts).
 */
import { readFileSync } from 'node:fs';
import { wireMcp } from '../../lambda/mcp/wiring.ts';
import { conformance } from './extension.ts';

const manifest = readFileSync(new URL('./manifest.json', import.meta.url), 'utf8');
export const handler = wireMcp(process.env, manifest, [conformance]);
