/**
 * The clients that are programs: what they print is taken as a person would read it in a terminal. Each runs with a
 * home folder of this run and nothing else of the environment, because they write credentials there.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { structuredOf, type MatrixClient, type OpenClient, type Target } from './client.ts';
import { openOverStdio } from './library-clients.ts';

const LIMIT_MS = 60_000;
/** Names for mcpc's sessions: one that failed leaves traces under its name. */
let sessions = 0;
/** Its background process may end before it has told the command why; the next attempt tells it. */
const MCPC_ATTEMPTS = 5;

interface Program {
  readonly script: string;
  readonly args: readonly string[];
  readonly home: string;
}

function environment(home: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: home, NO_COLOR: '1', MCP_INSPECTOR_SECRET_STORE: 'memory' };
}

/** Standard output. Throws what was printed to standard error when the program ends with another code than 0. */
async function run({ script, args, home }: Program): Promise<string> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: home,
    env: environment(home),
    timeout: LIMIT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => (printed[name] += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new Error(legible(printed.stderr, home));
  return printed.stdout;
}

/** What a person reads of it, without what changes from run to run and from machine to machine. */
function legible(printed: string, home: string): string {
  const shown = printed.replaceAll(home, '~').replaceAll(/^\[\d+\] /gm, '');
  // The whole error as mcp-remote ends; before it the same is printed once more, after it the stack.
  const fatal = /^Fatal error: .*$/m.exec(shown)?.[0];
  return fatal ?? shown.replaceAll(/^\[keychain\].*\n/gm, '').trim();
}

function openInspector(packages: string, era: 'legacy' | 'modern', { url, key, home }: Target): OpenClient {
  const script = join(packages, 'node_modules/.bin/mcp-inspector');
  const inspect = async (...args: readonly string[]): Promise<unknown> => {
    const fixed = ['--cli', url.href, '--transport', 'http', '--header', `X-API-Key: ${key}`];
    const options = ['--stored-auth-only', '--protocol-era', era, '--format', 'json', '--quiet'];
    const printed = await run({ script, home, args: [...fixed, ...options, '--method', ...args] });
    return (JSON.parse(printed) as { result: unknown }).result;
  };
  return {
    listTools: async () => names(((await inspect('tools/list')) as { tools: unknown }).tools),
    callTool: async (name, args) => {
      const given = Object.entries(args).flatMap(([field, value]) => ['--tool-arg', `${field}=${value}`]);
      return structuredOf(await inspect('tools/call', '--tool-name', name, ...given));
    },
    close: async () => undefined,
  };
}

async function openMcpc(packages: string, target: Target, attempt = 1): Promise<OpenClient> {
  const { url, key, home } = target;
  const script = join(packages, 'node_modules/.bin/mcpc');
  const session = `@s${(sessions += 1)}`;
  const mcpc = (...args: readonly string[]): Promise<string> => run({ script, args, home });
  const close = async (): Promise<void> => void (await mcpc('close', session));
  const printed = await mcpc('connect', url.href, session, '-H', `X-API-Key: ${key}`).catch(String);
  // It keeps a session that does not work and says so, with exit code 0.
  if (/not responding|Bridge failed/.test(printed)) {
    await close().catch(() => undefined);
    const lost = /Connection closed|Bridge failed|connect to bridge/.test(printed);
    if (lost && attempt < MCPC_ATTEMPTS) return openMcpc(packages, target, attempt + 1);
    throw new Error(legible(printed, home).replaceAll(session, '@name'));
  }
  return {
    listTools: async () => names(JSON.parse(await mcpc(session, 'tools-list', '--json'))),
    callTool: async (name, args) => {
      const given = Object.entries(args).map(([field, value]) => `${field}:=${JSON.stringify(value)}`);
      return structuredOf(JSON.parse(await mcpc(session, 'tools-call', name, ...given, '--json')));
    },
    close,
  };
}

async function openMcpRemote(packages: string, { url, key, home }: Target): Promise<OpenClient> {
  const script = join(packages, 'node_modules/.bin/mcp-remote');
  const args = [script, url.href, '--allow-http', '--transport', 'http-only', '--header', `X-API-Key:${key}`];
  let printed = '';
  try {
    return await openOverStdio(process.execPath, args, environment(home), (text) => (printed += text));
  } catch (error) {
    throw new Error(legible(printed, home), { cause: error });
  }
}

function names(tools: unknown): readonly string[] {
  return (tools as readonly { name: string }[]).map(({ name }) => name);
}

/** @param packages the folder whose node_modules hold them. */
export function commandClients(packages: string, versionOf: (name: string) => string): readonly MatrixClient[] {
  const inspector = (era: 'legacy' | 'modern'): MatrixClient => ({
    name: `@modelcontextprotocol/inspector CLI, ${era}`,
    version: versionOf('@modelcontextprotocol/inspector'),
    setup: `\`mcp-inspector --cli URL --transport http --header "X-API-Key: KEY" --stored-auth-only --protocol-era ${era}\``,
    revision: era === 'modern' ? '2026-07-28' : '2025-11-25',
    ownWords: { key: era === 'modern', organization: era === 'modern' },
    open: async (target) => openInspector(packages, era, target),
  });
  return [
    inspector('legacy'),
    inspector('modern'),
    {
      name: '@apify/mcpc',
      version: versionOf('@apify/mcpc'),
      setup:
        '`mcpc connect URL @name -H "X-API-Key: KEY"`. Now and then a refusal shows as `Connection closed` only; the log ' +
        'that it names, or a second attempt, has the text.',
      revision: '2025-11-25',
      ownWords: { key: false, organization: false },
      open: (target) => openMcpc(packages, target),
    },
    {
      name: 'mcp-remote',
      version: versionOf('mcp-remote'),
      setup: '`mcp-remote URL --transport http-only --header X-API-Key:KEY`',
      revision: '2025-11-25',
      ownWords: { key: false, organization: false },
      open: (target) => openMcpRemote(packages, target),
    },
  ];
}
