/** What a request to the connect pages ended in: the answer, and the one word the log has for it. */
import type { FailureCause } from '../../core/failure-cause.ts';
import type { ConnectLink } from '../../core/connect/link.ts';
import { pageHeaders } from './headers.ts';
import type { Html } from './html.ts';
import { gonePage, notePage, type Frame } from './pages.ts';
import { styleSheet } from './style.ts';

export interface PageResult {
  readonly response: Response;
  readonly outcome: string;
  readonly link?: ConnectLink | undefined;
  /** What the last request to the provider ended in, for the log. */
  readonly cause?: FailureCause | undefined;
  /** What was thrown, for the log. */
  readonly error?: unknown;
}

/** A page for nobody in particular: no name, no logo, in no frame. */
export const PLAIN: Frame = { style: styleSheet(undefined, 0) };

export function plainResult(
  status: number,
  outcome: string,
  title: string,
  ...sentences: readonly string[]
): PageResult {
  return plainPage(status, outcome, notePage(PLAIN, title, ...sentences));
}

export function gone(outcome: string, link?: ConnectLink): PageResult {
  return { ...plainPage(404, outcome, gonePage(PLAIN)), link };
}

function plainPage(status: number, outcome: string, page: Html): PageResult {
  const headers = pageHeaders({ style: PLAIN.style, formTargets: [], frameAncestors: [], ownImages: false });
  return { response: new Response(page.toString(), { status, headers }), outcome };
}
