/** From a method and a path to what is asked for. No I/O. */

export type Route =
  | { readonly kind: 'connect_link' | 'connections' }
  | { readonly kind: 'disconnect'; readonly providerKey: string }
  | { readonly kind: 'wrong_method'; readonly allow: string }
  | { readonly kind: 'unknown' };

const PATHS = [
  { pattern: /\/connect-links\/?$/, method: 'POST', kind: 'connect_link', template: '/connect-links' },
  { pattern: /\/connections\/?$/, method: 'GET', kind: 'connections', template: '/connections' },
  {
    pattern: /\/connections\/([^/]+)\/?$/,
    method: 'DELETE',
    kind: 'disconnect',
    template: '/connections/{provider_key}',
  },
] as const;

/** @param resource of the API, as its event names it: a path of another resource may look the same. */
export function isEmbedResource(resource: string): boolean {
  return PATHS.some(({ template }) => template === resource);
}

/** @param pathname still percent-encoded; what stands before it (a stage, the base path of a domain) is left out. */
export function route(method: string, pathname: string): Route {
  for (const { pattern, method: allow, kind } of PATHS) {
    const match = pattern.exec(pathname);
    if (match === null) continue;
    if (method !== allow) return { kind: 'wrong_method', allow };
    return kind === 'disconnect' ? { kind, providerKey: decoded(match[1] ?? '') } : { kind };
  }
  return { kind: 'unknown' };
}

/** The path without its values, for the log; undefined for a path of somebody else. */
export function templateOf(pathname: string): string | undefined {
  return PATHS.find(({ pattern }) => pattern.test(pathname))?.template;
}

/** A key that is not percent-encoded text is no provider's. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
