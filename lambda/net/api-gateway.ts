/**
 * API Gateway's REST proxy event as a web Request. Query parameters stay as API Gateway decoded them; the host is
 * the one API Gateway states, never the `Host` header, which a caller chooses.
 */
import type { APIGatewayProxyEvent } from 'aws-lambda';

export function toRequest(event: APIGatewayProxyEvent): Request {
  const url = new URL(`https://${event.requestContext.domainName ?? 'localhost'}${encodeURI(event.path)}`);
  for (const [name, value] of pairs(event.multiValueQueryStringParameters)) url.searchParams.append(name, value);
  const headers = new Headers();
  for (const [name, value] of pairs(event.multiValueHeaders)) headers.append(name, value);
  return new Request(url, { method: event.httpMethod, headers, body: bodyOf(event) });
}

function pairs(
  values: Readonly<Record<string, readonly string[] | undefined>> | null,
): readonly (readonly [string, string])[] {
  return Object.entries(values ?? {}).flatMap(([name, list]) => (list ?? []).map((value) => [name, value] as const));
}

function bodyOf({ body, isBase64Encoded, httpMethod }: APIGatewayProxyEvent): Uint8Array<ArrayBuffer> | null {
  if (body === null || httpMethod === 'GET' || httpMethod === 'HEAD') return null;
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}
