/** What `npm start` prints when the server is up. */
import { join } from 'node:path';
import type { Runtime } from './runtime.ts';

const PLACEHOLDER = 'allmcp_PUT_YOUR_KEY_HERE';

export function welcome({ url, operatorKey, firstKey }: Runtime, data: string): string {
  const client = {
    mcpServers: { allmcp: { type: 'http', url: `${url}/mcp`, headers: { 'X-API-Key': firstKey ?? PLACEHOLDER } } },
  };
  const lines = ['', `MCP endpoint  ${url}/mcp`, `Admin API     ${url}/admin/v1`];
  if (operatorKey !== undefined) lines.push(`Operator key  ${join(data, 'operator-key')}`);
  if (firstKey !== undefined) lines.push(`API key       ${firstKey}   (client local, type platform; shown only now)`);
  else lines.push('API key       make one: npm run -s allmcp -- keys create --client local --type platform');
  return [...lines, '', 'For an MCP client:', JSON.stringify(client, null, 2), '', ''].join('\n');
}

/** Once a second, what was called since the last time. */
export function printTrace(runtime: Pick<Runtime, 'awsCalls' | 'resetAwsCalls'>, print: (text: string) => void): void {
  setInterval(() => {
    const counts = new Map<string, number>();
    for (const { action, role, allowed } of runtime.awsCalls()) {
      const what = `${action} as ${role}${allowed ? '' : ' DENIED'}`;
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
    runtime.resetAwsCalls();
    for (const [what, count] of counts) print(`aws ${count} x ${what}\n`);
  }, 1_000).unref();
}
