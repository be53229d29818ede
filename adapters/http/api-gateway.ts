/**
 * API Gateway's REST proxy event as a web Request, and a Response as its buffered result. The host is the one API
 * Gateway states, never the `Host` header, which a caller chooses; headers that carry credentials stay behind,
 * because nothing after the authorizer needs them.
 */
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { isLoopbackHost } from '../../core/origin.ts';

const CREDENTIALS = /^(authorization|x-api-key|cookie)$/i;

/** `event.path` is what the caller sent, still percent-encoded; query values are decoded. */
export function toRequest(event: APIGatewayProxyEvent): Request {
  const url = new URL(`https://${event.requestContext.domainName ?? 'localhost'}`);
  url.pathname = event.path;
  for (const [name, value] of pairs(event.multiValueQueryStringParameters)) url.searchParams.append(name, value);
  const headers = new Headers();
  for (const [name, value] of pairs(event.multiValueHeaders)) {
    // An empty header is no header.
    if (!CREDENTIALS.test(name) && value.trim() !== '') headers.append(name, value);
  }
  return new Request(url, { method: event.httpMethod, headers, body: bodyOf(event) });
}

/** With the `Cookie` header, which `toRequest` leaves out: for a function that keeps cookies. */
export function toRequestWithCookies(event: APIGatewayProxyEvent): Request {
  const request = toRequest(event);
  const cookies = pairs(event.multiValueHeaders)
    .flatMap(([name, value]) => (/^cookie$/i.test(name) ? [value] : []))
    .join('; ');
  if (cookies !== '') request.headers.set('cookie', cookies);
  return request;
}

/**
 * Where this service is reached from outside, without a slash at its end: the configured address, else what API Gateway
 * says of itself. Never a header: a caller chooses those, and links to it would go into other people's chats.
 * @param configured empty when no domain was set up.
 */
export function publicUrlOf(event: APIGatewayProxyEvent, configured: string): string {
  if (configured !== '') return configured;
  const { domainName = 'localhost' } = event.requestContext;
  // Only the laptop is reached over plain http, and only from itself.
  const { hostname } = new URL(`http://${domainName}`);
  const scheme = isLoopbackHost(hostname) ? 'http' : 'https';
  return `${scheme}://${domainName}${prefixOf(event)}`;
}

/**
 * What stands before the path of the route: the stage on API Gateway's own domain, the base path of a mapping on a
 * domain of the operator's. Found by the route, because a mapped path says nothing of where the base path ends.
 */
function prefixOf({ resource, requestContext }: APIGatewayProxyEvent): string {
  const path = segments(requestContext.path);
  const route = segments(resource);
  const fixed = route.filter((segment) => !segment.startsWith('{'));
  const isGreedy = resource.endsWith('+}');
  // One segment for each of the route's; a route that takes anything is found by how it begins.
  const at = isGreedy
    ? path.findIndex((_, i) => fixed.every((segment, k) => path[i + k] === segment))
    : path.length - route.length;
  return path
    .slice(0, Math.max(0, at))
    .map((segment) => `/${segment}`)
    .join('');
}

const segments = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '');

/** For functions that are streamed. */
export function toStreamed(response: Response) {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    // An empty text, not null: the status line is only written with the first byte of a body.
    body: response.body ?? '',
  };
}

/** For functions that are not streamed. */
export async function toResult(response: Response): Promise<APIGatewayProxyResult> {
  const { 'set-cookie': _cookies, ...headers } = Object.fromEntries(response.headers);
  const cookies = response.headers.getSetCookie();
  return {
    statusCode: response.status,
    headers,
    // The one header that may come more than once.
    ...(cookies.length === 0 ? {} : { multiValueHeaders: { 'set-cookie': cookies } }),
    body: await response.text(),
  };
}

function pairs(
  values: Readonly<Record<string, readonly string[] | undefined>> | null | undefined,
): readonly (readonly [string, string])[] {
  return Object.entries(values ?? {}).flatMap(([name, list]) => (list ?? []).map((value) => [name, value] as const));
}

function bodyOf({ body, isBase64Encoded, httpMethod }: APIGatewayProxyEvent): Uint8Array<ArrayBuffer> | null {
  if (body === null || httpMethod === 'GET' || httpMethod === 'HEAD') return null;
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}
