/** What `npm start` prints when the server is up. */
import { join, resolve } from 'node:path';
import { DEFAULT_DATA } from './options.ts';
import type { Runtime } from './runtime.ts';

const PLACEHOLDER = 'allmcp_PUT_YOUR_KEY_HERE';

/** @param cwd where commands are run: one that is given no folder looks for the default one there. */
export function welcome(
  { url, operatorKey, firstKey }: Pick<Runtime, 'url' | 'operatorKey' | 'firstKey'>,
  data: string,
  cwd: string,
): string {
  const elsewhere = data !== resolve(cwd, DEFAULT_DATA);
  const command = `${elsewhere ? `ALLMCP_DATA=${shellWord(data)} ` : ''}npm run -s allmcp --`;
  const client = {
    mcpServers: { allmcp: { type: 'http', url: `${url}/mcp`, headers: { 'X-API-Key': firstKey ?? PLACEHOLDER } } },
  };
  const lines = ['', `MCP endpoint  ${url}/mcp`, `Admin API     ${url}/admin/v1`];
  if (operatorKey !== undefined) lines.push(`Operator key  ${join(data, 'operator-key')}`);
  if (firstKey !== undefined) lines.push(`API key       ${firstKey}   (client local, type platform; shown only now)`);
  else lines.push(`API key       make one: ${command} keys create --client local --type platform`);
  if (elsewhere) lines.push(`Commands      ${command} ...`);
  return [...lines, '', 'For an MCP client:', JSON.stringify(client, null, 2), '', ''].join('\n');
}

/** As a POSIX shell reads it back. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
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
