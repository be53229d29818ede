/** Lists in pages: what an endpoint takes and gives, and how a list of every client goes from one to the next. */
import * as z from 'zod';
import { decodePosition, encodePosition, type Page, type PageAsk } from '../../../core/page.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { AdminFault } from '../../../core/tenant/admin-fault.ts';
import type { ClientStore } from '../../../core/tenant/client-admin.ts';

const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 50;
/** Clients that one page of a list over all of them looks into. */
const MOST_CLIENTS = 50;

/** Of the query of every list. */
export const pagedQuery = {
  limit: z
    .string()
    .regex(/^[0-9]{1,3}$/, `expected a number from 1 to ${MAX_LIMIT}`)
    .transform(Number)
    .pipe(z.int().min(1).max(MAX_LIMIT))
    .default(DEFAULT_LIMIT)
    .describe(`Rows of a page: 1 to ${MAX_LIMIT}, ${DEFAULT_LIMIT} when left out`),
  cursor: z.string().min(1).max(4_000).optional().describe('next_cursor of the page before, with the same filters'),
};

/** Of the response of every list. */
export const pagedResponse = { next_cursor: z.string().optional().describe('While there is more') };

/** Where a page starts, as its cursor says: one part for each list inside a list. */
interface Start {
  readonly limit: number;
  readonly position: readonly string[];
}

type Reply<Field extends string, Row> = { [Name in Field]: Row[] } & { next_cursor?: string };

/**
 * A page of a list, under its own field.
 * @param query as the endpoint got it; all of it but these two are filters.
 */
export async function pageReply<Field extends string, Row>(
  field: Field,
  { limit, cursor, ...filters }: { readonly limit: number; readonly cursor?: string | undefined },
  read: (start: Start) => Promise<{ readonly rows: readonly Row[]; readonly next?: readonly string[] | undefined }>,
): Promise<Result<Reply<Field, Row>, AdminFault>> {
  const list = [field, filters];
  const position = cursor === undefined ? [] : decodePosition(list, cursor);
  if (position === undefined) return fail(notOfThisList());
  const { rows, next } = await read({ limit, position });
  const more = next === undefined ? {} : { next_cursor: encodePosition(list, next) };
  return ok({ [field]: [...rows], ...more } as Reply<Field, Row>);
}

/** The start of a list that is in no other, and what it says about the next page. */
export async function plainPage<Row>(
  { limit, position: [after] }: Start,
  read: (ask: PageAsk) => Promise<Page<Row>>,
): Promise<{ readonly rows: readonly Row[]; readonly next: readonly string[] | undefined }> {
  const { rows, next } = await read({ limit, after });
  return { rows, next: next === undefined ? undefined : [next] };
}

/** A list of every client, one after the other. Looks into so many clients at most, and then says where to go on. */
export async function pageOverClients<Row>(
  clients: Pick<ClientStore, 'directory'>,
  { limit, position }: Start,
  read: (client: string, ask: PageAsk) => Promise<Page<Row>>,
): Promise<{ readonly rows: readonly Row[]; readonly next?: readonly string[] | undefined }> {
  const rows: Row[] = [];
  // The client before the one to go on with, and where in that one.
  let [before, after] = position.map((part) => (part === '' ? undefined : part));
  const { rows: found, next: more } = await clients.directory({ limit: MOST_CLIENTS, after: before });
  for (const [at, { id, position: own }] of found.entries()) {
    const page = await read(id, { limit: limit - rows.length, after });
    rows.push(...page.rows);
    if (page.next !== undefined) return { rows, next: [before ?? '', page.next] };
    [before, after] = [own, undefined];
    const isLast = at === found.length - 1 && more === undefined;
    if (rows.length === limit) return { rows, next: isLast ? undefined : [own] };
  }
  return { rows, next: more === undefined || before === undefined ? undefined : [before] };
}

function notOfThisList(): AdminFault {
  return {
    code: 'invalid_input',
    message: 'This cursor does not belong to this list.',
    next: 'Send next_cursor of the page before with the same filters, or leave cursor out to start over.',
  };
}
