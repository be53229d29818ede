/**
 * API Gateway's REST proxy event as a web Request, and a Response as its buffered result. The host is the one API
 * Gateway states, never the `Host` header, which a caller chooses; headers that carry credentials stay behind,
 * because nothing after the authorizer needs them.
 */
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';

const CREDENTIALS = /^(authorization|x-api-key|cookie)$/i;

/** `event.path` is what the caller sent, still percent-encoded; query values are decoded. */
export function toRequest(event: APIGatewayProxyEvent): Request {
  const url = new URL(`https://${event.requestContext.domainName ?? 'localhost'}`);
  url.pathname = event.path;
  for (const [name, value] of pairs(event.multiValueQueryStringParameters)) url.searchParams.append(name, value);
  const headers = new Headers();
  for (const [name, value] of pairs(event.multiValueHeaders)) {
    if (!CREDENTIALS.test(name)) headers.append(name, value);
  }
  return new Request(url, { method: event.httpMethod, headers, body: bodyOf(event) });
}

/** For functions that are not streamed. */
export async function toResult(response: Response): Promise<APIGatewayProxyResult> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
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
