/**
 * API Gateway's REST proxy event as a web Request. Query parameters stay as API Gateway decoded them; the host is
 * the one API Gateway states, never the `Host` header, which a caller chooses.
 */
import type { APIGatewayProxyEvent } from 'aws-lambda';

export function toRequest(event: APIGatewayProxyEvent): Request {
  const { domainName = 'localhost' } = event.requestContext;
  const url = new URL(`https://${domainName}${encodeURI(event.path)}`);
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {})) {
    for (const value of values ?? []) url.searchParams.append(name, value);
  }
  const headers = new Headers();
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const hasBody = event.body !== null && event.httpMethod !== 'GET' && event.httpMethod !== 'HEAD';
  const body = hasBody ? Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8') : null;
  return new Request(url, { method: event.httpMethod, headers, body });
}
