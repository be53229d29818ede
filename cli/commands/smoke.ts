/** `smoke`: whether a deployment does what the laptop does. Exit code 1 when a check fails. */
import type { Command } from 'commander';
import { isWellFormedKey } from '../../core/keys/api-key.ts';
import { VERSION } from '../../lib/project.ts';
import { baseUrl } from '../admin-api/target.ts';
import { runSmoke, type SmokeResult } from '../smoke/checks.ts';
import { printJson, printable, Refused, type Io } from '../terminal/io.ts';
import { withExample } from '../terminal/options.ts';

interface SmokeOptions {
  readonly url: string;
  readonly key: string;
  readonly burst?: boolean;
  readonly json?: boolean;
}

export function addSmoke(program: Command, io: Io): void {
  withExample(
    program.command('smoke'),
    'smoke --url https://abc123.execute-api.eu-central-1.amazonaws.com/v1/mcp --key KEY',
  )
    .description('try a deployment, call by call, against what it should answer')
    .requiredOption('--url <url>', "the stack's output McpUrl")
    .requiredOption('--key <key>', 'an API key of a client for tests, best a platform key; revoke it afterwards')
    .option('--burst', 'also send more requests at once than the default throttle takes')
    .action(async ({ url, key, burst = false, json = false }: SmokeOptions) => {
      if (!isWellFormedKey(key)) throw new Refused('--key is not an API key.', 'Give it as `keys create` printed it.');
      const target = { url: baseUrl(url, '--url'), key, version: VERSION, burst, fetch: io.fetch };
      const results = await runSmoke(target, (result) => (json ? undefined : io.out(line(result))));
      const count = (status: SmokeResult['status']): number => results.filter((one) => one.status === status).length;
      const counts = { passed: count('ok'), failed: count('fail'), skipped: count('skip') };
      if (json) printJson(io, { url: target.url, ...counts, checks: results });
      else io.out(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
      if (counts.failed > 0) throw new Refused(`${counts.failed} of ${results.length} checks failed.`);
    });
}

function line({ check, status, message }: SmokeResult): string {
  return `${status.padEnd(4)}  ${check.padEnd(17)}  ${printable(message)}\n`;
}
