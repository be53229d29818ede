/** Results too long for one answer, kept for a quarter of an hour so that the rest can be read on. */
import type { TenantId } from '../tenant/tenant.ts';
import { characterStart } from '../text.ts';

export const RESULT_TTL_SECONDS = 900;
/** Characters of one page of `resources/read`. */
export const RESULT_PAGE_CHARS = 30_000;
/** More than this is not kept: the caller is told to narrow the question. */
export const MAX_KEPT_CHARS = 2_000_000;

export interface KeptResults {
  /** Keeps a text under the tenant and gives its id. */
  keep(tenant: TenantId, text: string): Promise<string>;
  /** The text, or undefined when the tenant has none of that id, or no longer. */
  find(tenant: TenantId, id: string): Promise<string | undefined>;
}

const SCHEME = 'result://';
const ADDRESS = /^([A-Za-z0-9_-]{8,40})(?:\.(\d{1,9}))?$/;

/** `result://<id>`, and `result://<id>.<offset>` from a character on. */
export function resultUri(id: string, offset = 0): string {
  return offset === 0 ? SCHEME + id : `${SCHEME}${id}.${offset}`;
}

/** The parts of a `result://` address, or undefined when it is none. */
export function parseResultUri(uri: string): { readonly id: string; readonly offset: number } | undefined {
  const [, id, offset = '0'] = (uri.startsWith(SCHEME) ? ADDRESS.exec(uri.slice(SCHEME.length)) : null) ?? [];
  return id === undefined ? undefined : { id, offset: Number(offset) };
}

export interface ResultPage {
  readonly text: string;
  readonly total: number;
  readonly next: string | undefined;
}

/** Pages end between characters, wherever the one before began: put together they are the text again. */
export function pageOf(text: string, id: string, offset: number): ResultPage {
  const start = characterStart(text, offset);
  const end = characterStart(text, start + RESULT_PAGE_CHARS);
  return {
    text: text.slice(start, end).toWellFormed(),
    total: text.length,
    next: end < text.length ? resultUri(id, end) : undefined,
  };
}
