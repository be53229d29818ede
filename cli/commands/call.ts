/**
 * `call`: one tool call, as an agent of that user would make it: over the MCP endpoint, with the limits, the policy and
 * the permissions of any call. It is made with a key of its own for that one tenant, which ends with it and is never shown.
 */
import { InvalidArgumentError, type Command } from 'commander';
import * as z from 'zod';
import { callAdmin } from '../admin-api/admin-client.ts';
import { findTarget, type Target } from '../admin-api/target.ts';
import { printable, printJson, Refused, WrongUsage, type Io } from '../terminal/io.ts';
import { forTenant, given, type TenantOptions } from '../terminal/options.ts';

interface CallOptions extends TenantOptions {
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Longer than a call may take; if the command is killed, the key ends by itself. */
const KEY_LIFE = '2m';
const TIMEOUT_MS = 60_000;

const Reply = z.object({
  result: z
    .looseObject({ isError: z.boolean().optional(), structuredContent: z.record(z.string(), z.unknown()).optional() })
    .optional(),
  error: z.object({ message: z.string() }).optional(),
});
const Failure = z.object({ code: z.string(), message: z.string(), next: z.string(), reference: z.string().optional() });

export function addCall(program: Command, io: Io): void {
  const example = `call bitrix24_list_deals --client acme --org jsm --user ann --args '{"limit": 5}'`;
  forTenant(program.command('call'), example)
    .description('make one tool call as an agent of that user would make it, and print what the agent is told')
    .argument('<tool>', 'such as list_connections or bitrix24_list_deals', toolName)
    .option('--args <json>', 'the arguments, as a JSON object', jsonObject)
    .action(async (tool: string, options: CallOptions) => {
      const { client, org, user, data, json, args = {} } = options;
      if (org !== undefined && user === undefined) throw new WrongUsage('--org goes with --user.');
      const target = findTarget(io, data);
      // A key would make an unknown client.
      await callAdmin(io, target, 'getClient', { params: { id: client } });
      const reply = await withKey(io, target, { client, org, user, tool }, (key) =>
        post(io, tenantUrl(target, { org, user }), key, { name: tool, arguments: args }),
      );
      report(io, reply, json === true);
    });
}

interface Asked {
  readonly client: string;
  readonly org: string | undefined;
  readonly user: string | undefined;
  readonly tool: string;
}

/** Runs something with a key that reaches this tenant, and revokes the key however it ends. */
async function withKey<T>(
  io: Io,
  target: Target,
  { client, org, user, tool }: Asked,
  act: (key: string) => Promise<T>,
): Promise<T> {
  const type = org !== undefined ? 'platform' : user !== undefined ? 'client' : 'solo';
  const pinned = org === undefined ? {} : { org: [org] };
  const body = { client, type, ...pinned, name: `call ${tool}`.slice(0, 100), expires_in: KEY_LIFE } as const;
  const { id, key } = await callAdmin(io, target, 'createKey', { body });
  try {
    return await act(key);
  } finally {
    await callAdmin(io, target, 'revokeKey', { params: { id } }).catch(() =>
      io.err(`The key ${id} of this call could not be revoked; it ends by itself within two minutes.\n`),
    );
  }
}

function tenantUrl({ url }: Target, { org, user }: Pick<Asked, 'org' | 'user'>): string {
  const query = new URLSearchParams(given({ org_id: org, user_id: user })).toString();
  return `${url}/mcp${query === '' ? '' : `?${query}`}`;
}

async function post(io: Io, url: string, key: string, params: object): Promise<z.output<typeof Reply>> {
  let text: string;
  try {
    const response = await io.fetch(url, {
      method: 'POST',
      headers: {
        'x-api-key': key,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch {
    throw new Refused(
      `No answer from ${url.replace(/\?.*/, '')}: whether the call ran is not known.`,
      'Look with `npm run -s allmcp -- why`, and read before you repeat a change.',
    );
  }
  const reply = Reply.safeParse(lastMessage(text));
  if (reply.success) return reply.data;
  throw new Refused('What answers there does not speak MCP.', 'Check ALLMCP_URL.');
}

/** The JSON of the body, or of the last event of a stream: progress comes before the answer. */
function lastMessage(text: string): unknown {
  const event = [...text.matchAll(/^data: ?(.*)$/gm)].at(-1)?.[1];
  try {
    return JSON.parse(event ?? text) as unknown;
  } catch {
    return undefined;
  }
}

function report(io: Io, { result, error }: z.output<typeof Reply>, json: boolean): void {
  if (result === undefined) throw new Refused(printable(error?.message ?? 'The endpoint gave no result.'));
  const told = result.structuredContent ?? result;
  if (result.isError !== true) return printJson(io, told);
  // What the agent is told is the answer, of a failure too.
  if (json) printJson(io, told);
  const failure = Failure.safeParse(told);
  if (!failure.success) throw new Refused('The call failed.');
  const { code, message, next, reference } = failure.data;
  const named = reference === undefined ? '' : ` (reference ${reference})`;
  throw new Refused(printable(`${code}: ${message}${named}`), printable(next));
}

function toolName(value: string): string {
  if (/^[\w.-]{1,100}$/.test(value)) return value;
  throw new InvalidArgumentError('Expected the name of a tool.');
}

function jsonObject(value: string): Readonly<Record<string, unknown>> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(parse(value));
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Expected a JSON object, such as \'{"limit": 5}\'.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
