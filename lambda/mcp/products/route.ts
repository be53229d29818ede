/**
 * From a method and a resource of the API to what is asked for. The path decides nothing: what stands before it (the base
 * path of a domain) and the keys in it are not ours to choose, so it may look like that of another resource.
 */

export type ProductRoute =
  | { readonly kind: 'connect_link' | 'connections' }
  | { readonly kind: 'disconnect'; readonly providerKey: string }
  | { readonly kind: 'wrong_method'; readonly allow: string }
  | { readonly kind: 'unknown' };

const ROUTES = {
  '/connect-links': { method: 'POST', kind: 'connect_link' },
  '/connections': { method: 'GET', kind: 'connections' },
  '/connections/{provider_key}': { method: 'DELETE', kind: 'disconnect' },
} as const;

type Resource = keyof typeof ROUTES;

/** @param resource of the API, as its event names it. */
export function isEmbedResource(resource: string): resource is Resource {
  return Object.hasOwn(ROUTES, resource);
}

/** @param pathname still percent-encoded; only a key at its end is read. */
export function routeProduct(method: string, resource: string, pathname: string): ProductRoute {
  if (!isEmbedResource(resource)) return { kind: 'unknown' };
  const { method: allow, kind } = ROUTES[resource];
  if (method !== allow) return { kind: 'wrong_method', allow };
  return kind === 'disconnect' ? { kind, providerKey: lastSegment(pathname) } : { kind };
}

/** A key that is not percent-encoded text is no provider's. */
function lastSegment(pathname: string): string {
  const [, segment = ''] = /\/([^/]+)\/?$/.exec(pathname) ?? [];
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
