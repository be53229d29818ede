/** From a method and a path to an endpoint of the contract. */
import { CONTRACT, type Operation } from './contract.ts';

export type AdminRoute =
  | { readonly kind: 'found'; readonly operation: Operation; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'wrong_method'; readonly allow: readonly string[] }
  | { readonly kind: 'unknown' };

const BASE = '/admin/v1';
const OPERATIONS = Object.entries(CONTRACT).map(([operation, { method, path }]) => ({
  operation: operation as Operation,
  method,
  segments: path.split('/').slice(1),
}));

/**
 * `pathname` as the request carried it, percent-encoded. What stands before `/admin/v1` (a stage, the base path of
 * a custom domain) is left out; a parameter is decoded once and may hold an encoded slash.
 */
export function routeAdmin(method: string, pathname: string): AdminRoute {
  const start = pathname.indexOf(`${BASE}/`);
  if (start < 0) return { kind: 'unknown' };
  const given = pathname
    .slice(start + BASE.length + 1)
    .replace(/\/$/, '')
    .split('/');
  const matching = OPERATIONS.flatMap((row) => {
    const params = match(row.segments, given);
    return params === undefined ? [] : [{ ...row, params }];
  });
  const found = matching.find((row) => row.method === method);
  if (found !== undefined) return { kind: 'found', operation: found.operation, params: found.params };
  if (matching.length > 0) return { kind: 'wrong_method', allow: matching.map((row) => row.method) };
  return { kind: 'unknown' };
}

function match(segments: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const text = decode(given[i] ?? '');
    if (text === undefined) return undefined;
    if (segment.startsWith('{')) params[segment.slice(1, -1)] = text;
    else if (segment !== text) return undefined;
  }
  return params;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
