/** A request as a tool writes it: a path, a query, a body, and what of it may be logged. */
import type { JsonObject } from '../json.ts';

/** A request as a tool writes it: relative to the connection's base URL. */
export interface ToolRequest {
  /** Another of the provider's own addresses in place of the connection's, e.g. `https://api2.example.com`. */
  readonly base?: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** What is sent: every value percent-encoded as one path segment; `{name}` is that fact of the connection. */
  readonly path: string;
  /** What may be logged: the path with its values left out. */
  readonly template: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: JsonObject | readonly JsonObject[];
}

export interface PathTemplate {
  readonly path: string;
  readonly template: string;
}

/** ``path`/leads/${id}` ``: a path whose values are encoded and cannot leave their segment. */
export function path(parts: TemplateStringsArray, ...values: readonly (string | number)[]): PathTemplate {
  let rendered = parts[0] ?? '';
  let template = rendered;
  values.forEach((value, i) => {
    // Half a pair is no text: encoding throws for it.
    const segment = encodeURIComponent(String(value).toWellFormed());
    // A segment of dots would climb; URL parsing treats %2e like a dot.
    rendered += (/^\.+$/.test(segment) ? segment.replaceAll('.', '%252E') : segment) + (parts[i + 1] ?? '');
    template += `{}${parts[i + 1] ?? ''}`;
  });
  return { path: rendered, template };
}

function constant(target: string | PathTemplate): PathTemplate {
  return typeof target === 'string' ? { path: target, template: target } : target;
}

export function get(target: string | PathTemplate, query: NonNullable<ToolRequest['query']> = {}): ToolRequest {
  return { method: 'GET', ...constant(target), query };
}

export function post(target: string | PathTemplate, body: NonNullable<ToolRequest['body']> = {}): ToolRequest {
  return { method: 'POST', ...constant(target), body };
}
