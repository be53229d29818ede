/** Calls the admin API by its contract. Never follows a redirect: the operator key goes to the named server only. */
import * as z from 'zod';
import { CONTRACT, ErrorBody, type Contract, type Operation } from '../../lambda/admin/contract.ts';
import type { Endpoint } from '../../lambda/admin/resource/endpoint.ts';
import { printable, Refused, type Io } from '../terminal/io.ts';
import type { Target } from './target.ts';

const TIMEOUT_MS = 30_000;

const GatewayBody = z.object({ jsonrpc: z.literal('2.0'), error: z.object({ message: z.string().min(1).max(1_000) }) });

export interface Ask<O extends Operation> {
  readonly params?: z.input<Contract[O]['params']>;
  readonly query?: z.input<Contract[O]['query']>;
  readonly body?: z.input<Contract[O]['body']>;
}

/** The answer of the endpoint. Throws Refused with what the server says, or with why it could not be asked. */
export async function callAdmin<O extends Operation>(
  io: Io,
  target: Target,
  operation: O,
  ask: Ask<O> = {},
): Promise<z.output<Contract[O]['response']>> {
  const endpoint: Endpoint = CONTRACT[operation];
  const response = await send(io, target, endpoint, ask);
  const body = (await response.json().catch(() => undefined)) as unknown;
  if (!response.ok) throw refusal(response.status, body);
  const parsed = endpoint.response.safeParse(body);
  if (parsed.success) return parsed.data as z.output<Contract[O]['response']>;
  throw new Refused(
    `What answers at ${target.url} does not speak this version of the admin API.`,
    'Check ALLMCP_URL, and use the CLI of the version that is deployed.',
  );
}

/** The operations that give a list in pages. */
type Listing = {
  [O in Operation]: z.output<Contract[O]['response']> extends { readonly next_cursor?: string | undefined } ? O : never;
}[Operation];

type Listed<O extends Listing> = z.output<Contract[O]['response']>;

/** A whole list: its pages one after the other, and the rows under `field` of all of them. What else a page says is the last's. */
export async function callAdminList<O extends Listing, Field extends keyof Listed<O>>(
  io: Io,
  target: Target,
  operation: O,
  field: Field,
  ask: Pick<Ask<O>, 'params'> & { readonly query?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly rows: Listed<O>[Field]; readonly last: Listed<O> }> {
  const rows: unknown[] = [];
  let cursor: string | undefined;
  for (;;) {
    const query = { ...ask.query, ...(cursor === undefined ? {} : { cursor }) } as z.input<Contract[O]['query']>;
    const last = await callAdmin(io, target, operation, { ...ask, query });
    rows.push(...(last[field] as unknown[]));
    if (last.next_cursor === undefined) return { rows: rows as Listed<O>[Field], last };
    cursor = last.next_cursor;
  }
}

async function send(io: Io, target: Target, endpoint: Endpoint, ask: Ask<Operation>): Promise<Response> {
  const params = entries(ask.params);
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params.get(name) ?? ''));
  const query = new URLSearchParams([...entries(ask.query)]).toString();
  const url = `${target.url}/admin/v1${path}${query === '' ? '' : `?${query}`}`;
  const body = ask.body === undefined ? {} : { body: JSON.stringify(ask.body) };
  try {
    return await io.fetch(url, {
      method: endpoint.method,
      headers: { authorization: `Bearer ${target.operatorKey}`, 'content-type': 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...body,
    });
  } catch {
    throw new Refused(
      `No answer from ${target.url}.`,
      'Check that the server is running and that ALLMCP_URL, when it is set, names it.',
    );
  }
}

function refusal(status: number, body: unknown): Refused {
  if (status === 401)
    return new Refused(
      'The server does not know this operator key: it is wrong, revoked or expired.',
      'Check ALLMCP_OPERATOR_KEY; `npm run -s allmcp -- bootstrap` makes a new one.',
    );
  const error = ErrorBody.safeParse(body);
  if (!error.success) return gatewayRefusal(status, body);
  const { message, next, reference } = error.data.error;
  const named = reference === undefined ? message : `${message} (reference ${reference})`;
  return new Refused(printable(named), printable(next));
}

/** Before the admin function is reached, API Gateway answers, with a sentence of this deployment. */
function gatewayRefusal(status: number, body: unknown): Refused {
  const said = GatewayBody.safeParse(body);
  const message = said.success ? printable(said.data.error.message) : `The server answered ${status}.`;
  const next = status === 403 ? 'Check ALLMCP_OPERATOR_KEY and ALLMCP_URL' : 'Check ALLMCP_URL';
  return new Refused(message, `${next}, then try again.`);
}

function entries(given: unknown): Map<string, string> {
  return new Map(
    Object.entries(given ?? {}).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
