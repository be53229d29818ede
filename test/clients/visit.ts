/**
 * One client against one running endpoint: it works with a good key all the way to a provider, and with a bad one its
 * user is told what to do. Invariant: what was negotiated and refused is read from the wire, not asked of the client.
 */
import type { MatrixClient, OpenClient } from './client.ts';
import type { ClientsSetUp } from './set-up.ts';
import { negotiated, refusals, startRecordingProxy, type Exchange } from './recording-proxy.ts';

export interface Refusal {
  /** What the client prints. */
  readonly printed: string;
  /** What the server said; the client may show none of it. */
  readonly said: readonly string[];
  readonly showsServerWords: boolean;
  readonly saysWhatToDo: boolean;
}

export interface Visit {
  readonly client: MatrixClient;
  readonly revision: string;
  readonly listed: { readonly before: number; readonly connected: number };
  /** It asked for a stream with GET, was answered 405 and went on. */
  readonly triedStream: boolean;
  readonly refused: Readonly<Record<RefusalName, Refusal | undefined>>;
  /** Why the row is not green; empty when it is. */
  readonly problems: readonly string[];
}

export const REFUSALS = ['wrong key', 'revoked key', 'forbidden organization'] as const;
export type RefusalName = (typeof REFUSALS)[number];

/** What a person needs to read, whichever of the server's answers the client shows. */
const REMEDIES: Readonly<Record<RefusalName, readonly RegExp[]>> = {
  'wrong key': [/X-API-Key/, /ask your administrator/],
  'revoked key': [/X-API-Key/, /ask your administrator/],
  'forbidden organization': [/org_id/, /ask your administrator/],
};

const SYSTEM_TOOLS = ['list_connections', 'list_providers', 'connect_provider', 'search_tools', 'call_tool'];
const PROVIDER_TOOL = 'bitrix24_list_deals';

export async function visit(world: ClientsSetUp, client: MatrixClient): Promise<Visit> {
  const problems: string[] = [];
  const work = await useIt(world, client, problems);
  const refused: Partial<Record<RefusalName, Refusal>> = {};
  for (const name of REFUSALS) {
    const outcome = await beRefused(world, client, name);
    if (typeof outcome === 'string') problems.push(`${name}: ${outcome}`);
    else refused[name] = outcome;
  }
  return {
    client,
    ...work,
    refused: {
      'wrong key': refused['wrong key'],
      'revoked key': refused['revoked key'],
      'forbidden organization': refused['forbidden organization'],
    },
    problems,
  };
}

/** Connects twice: a client may keep a list for as long as the server says, which is longer than this run. */
async function useIt(world: ClientsSetUp, client: MatrixClient, problems: string[]) {
  const good = { query: world.newUser(), key: world.keys.good };
  let before: readonly string[] = [];
  let connected: readonly string[] = [];
  const failed = (error: unknown): readonly Exchange[] => {
    problems.push(`working with it failed: ${textOf(error)}`);
    return [];
  };
  const first = await through(world, client, good, async (open) => {
    before = await open.listTools();
    await open.callTool('connect_provider', { provider_key: 'bitrix24', api_key: world.webhook });
    const connections = JSON.stringify(await open.callTool('list_connections', {}));
    if (!connections.includes('"status":"active"')) problems.push('list_connections does not show the account');
    const { items } = Object(await open.callTool(PROVIDER_TOOL, {})) as { items?: readonly unknown[] };
    if (items?.length === undefined || items.length === 0) problems.push('the provider tool gave no rows');
  }).catch(failed);
  const second = await through(world, client, good, async (open) => {
    connected = await open.listTools();
  }).catch(failed);
  const missing = SYSTEM_TOOLS.filter((name) => !before.includes(name));
  if (missing.length > 0) problems.push(`did not list ${missing.join(', ')}`);
  if (!connected.includes(PROVIDER_TOOL)) problems.push('the tools of the provider are not listed');
  const revision = negotiated(first);
  if (revision !== client.revision) problems.push(`negotiated ${revision}, expected ${client.revision}`);
  const triedStream = [...first, ...second].some(({ httpMethod, status }) => httpMethod === 'GET' && status === 405);
  return { revision, listed: { before: before.length, connected: connected.length }, triedStream };
}

/** What was printed, or why it is wrong. */
async function beRefused(world: ClientsSetUp, client: MatrixClient, name: RefusalName): Promise<Refusal | string> {
  let printed: string | undefined;
  const exchanges = await through(world, client, world.refused(name), async (open) => {
    await open.listTools();
  }).catch((error: unknown): readonly Exchange[] => {
    if (!(error instanceof Refused)) throw error;
    printed = world.withoutChance(textOf(error.cause));
    return error.exchanges;
  });
  if (printed === undefined) return 'it was served';
  const said = refusals(exchanges);
  // A text inside a text is escaped.
  const plain = printed.replaceAll('\\', '');
  const shown = said.filter((words) => plain.includes(words));
  const saysWhatToDo = REMEDIES[name].every((remedy) => shown.some((words) => remedy.test(words)));
  const own = name === 'forbidden organization' ? client.ownWords.organization : client.ownWords.key;
  if (own !== (shown.length === 0))
    return own ? 'it shows what the server said, which it did not before' : `it hides what the server said: ${printed}`;
  if (!own && !saysWhatToDo) return `nothing in it says what to do: ${printed}`;
  if (!REMEDIES[name].every((remedy) => said.some((words) => remedy.test(words))))
    return `the server's answers do not say what to do: ${said.join(' | ')}`;
  return { printed, said, showsServerWords: shown.length > 0, saysWhatToDo };
}

/** A client that did not get through, with what went over the wire until then. */
class Refused extends Error {
  readonly exchanges: readonly Exchange[];
  constructor(cause: unknown, exchanges: readonly Exchange[]) {
    super('the client failed', { cause });
    this.exchanges = exchanges;
  }
}

/** Opens the client behind a recording proxy of its own and closes both. Throws Refused. */
async function through(
  world: ClientsSetUp,
  client: MatrixClient,
  { query, key }: { readonly query: string; readonly key: string },
  use: (open: OpenClient) => Promise<void>,
): Promise<readonly Exchange[]> {
  const proxy = await startRecordingProxy(new URL(world.url));
  let open: OpenClient | undefined;
  try {
    const url = new URL(`${proxy.origin}/mcp?${query}`);
    open = await client.open({ url, key, home: world.home });
    await use(open);
  } catch (error) {
    throw new Refused(error, proxy.exchanges);
  } finally {
    await open?.close().catch(() => undefined);
    await proxy.stop();
  }
  return proxy.exchanges;
}

function textOf(error: unknown): string {
  if (error instanceof Refused) return textOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}
