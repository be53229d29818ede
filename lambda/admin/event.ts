/** API Gateway's REST event to a web Request and a Response back to its result, buffered. No I/O. */
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';

/** The host is never read: what the caller put into the Host header means nothing here. */
const ORIGIN = 'https://admin.invalid';

/** `event.path` is what the caller sent, still percent-encoded; header names are lower-case already. */
export function toRequest(event: APIGatewayProxyEvent): Request {
  const url = new URL(ORIGIN);
  url.pathname = event.path;
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {}))
    for (const value of values ?? []) url.searchParams.append(name, value);
  const contentType = event.headers?.['content-type'];
  const bodiless = event.body === null || event.httpMethod === 'GET' || event.httpMethod === 'HEAD';
  return new Request(url, {
    method: event.httpMethod,
    headers: contentType === undefined ? {} : { 'content-type': contentType },
    body: bodiless ? null : Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  });
}

export async function toResult(response: Response): Promise<APIGatewayProxyResult> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}
