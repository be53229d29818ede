/** `list_connections`: this tenant's accounts, and whether one needs reconnecting. */
import * as z from 'zod';
import { connectionsOf } from '../../../core/connect/connections-json.ts';
import { ok } from '../../../core/result.ts';
import { defineSystemTool } from './system-tool.ts';

export const listConnections = defineSystemTool({
  name: 'list_connections',
  title: 'List connected accounts',
  description: "The user's connected accounts, when they were last used, and which need reconnecting.",
  input: z.strictObject({}),
  readOnly: true,
  async run({ deps, principal }) {
    return ok({ connections: await connectionsOf(deps, principal.tenant) });
  },
});
