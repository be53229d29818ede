import { describe, expect, it } from '@jest/globals';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { publicUrlOf, toRequest, toRequestWithCookies, toResult } from '../../../adapters/http/api-gateway.ts';

function eventOf(given: {
  readonly path?: string;
  readonly resource?: string;
  readonly stagePath?: string;
  readonly domainName?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
}): APIGatewayProxyEvent {
  const {
    path = '/connect/abc',
    stagePath = `/v1${path}`,
    domainName = 'x1.execute-api.eu-central-1.amazonaws.com',
  } = given;
  const event = {
    path,
    resource: given.resource ?? '/connect/{ticket}',
    httpMethod: 'GET',
    body: null,
    isBase64Encoded: false,
    multiValueHeaders: given.headers ?? {},
    multiValueQueryStringParameters: null,
    requestContext: { path: stagePath, domainName },
  };
  return event as unknown as APIGatewayProxyEvent;
}

describe('the headers of a request', () => {
  it('are those that say something: an empty one is none', () => {
    const headers = { Origin: [''], 'Mcp-Protocol-Version': [' '], Accept: ['', 'text/html'] };
    expect([...toRequest(eventOf({ headers })).headers]).toEqual([['accept', 'text/html']]);
  });
});

describe('where the service is reached', () => {
  it('is what API Gateway says, with the stage, over https', () => {
    expect(publicUrlOf(eventOf({}), '')).toBe('https://x1.execute-api.eu-central-1.amazonaws.com/v1');
  });

  it('is the configured address before anything else', () => {
    expect(publicUrlOf(eventOf({}), 'https://mcp.example.com')).toBe('https://mcp.example.com');
  });

  it('has the base path of a mapping, which stands in both paths that are told', () => {
    const mapped = { domainName: 'api.example.com', path: '/tools/a/connect/abc', stagePath: '/tools/a/connect/abc' };
    expect(publicUrlOf(eventOf(mapped), '')).toBe('https://api.example.com/tools/a');
    const mcp = { ...mapped, resource: '/mcp', path: '/tools/mcp', stagePath: '/tools/mcp' };
    expect(publicUrlOf(eventOf(mcp), '')).toBe('https://api.example.com/tools');
  });

  it('is the same from every route, with and without a slash', () => {
    const own = 'https://x1.execute-api.eu-central-1.amazonaws.com/v1';
    const routes = [
      { resource: '/mcp', path: '/mcp' },
      { resource: '/mcp/{proxy+}', path: '/mcp/' },
      { resource: '/connections/{provider_key}', path: '/connections/kommo' },
      { resource: '/admin/v1/{proxy+}', path: '/admin/v1/clients/a%2Fb/settings' },
    ];
    for (const route of routes) expect([route.path, publicUrlOf(eventOf(route), '')]).toEqual([route.path, own]);
  });

  it('is a domain of its own without a stage', () => {
    const event = eventOf({ stagePath: '/connect/abc', domainName: 'mcp.example.com' });
    expect(publicUrlOf(event, '')).toBe('https://mcp.example.com');
  });

  it('is plain http on this machine only', () => {
    for (const domainName of ['127.0.0.1:8787', 'localhost:8787', '[::1]:8787'])
      expect(publicUrlOf(eventOf({ stagePath: '/connect/abc', domainName }), '')).toBe(`http://${domainName}`);
  });

  it('is never taken from a header', () => {
    const headers = { Host: ['evil.example'], 'X-Forwarded-Host': ['evil.example'], 'X-Forwarded-Proto': ['http'] };
    expect(publicUrlOf(eventOf({ headers }), '')).not.toContain('evil');
    expect(publicUrlOf(eventOf({ headers }), '')).toMatch(/^https:/);
  });
});

describe('cookies', () => {
  it('reach only a function that asks for them', () => {
    const event = eventOf({ headers: { Cookie: ['a=1; b=2'], cookie: ['c=3'] } });
    expect(toRequest(event).headers.get('cookie')).toBeNull();
    expect(toRequestWithCookies(event).headers.get('cookie')).toBe('a=1; b=2; c=3');
    expect(toRequestWithCookies(eventOf({})).headers.get('cookie')).toBeNull();
  });

  it('are all set, each in a header of its own', async () => {
    const response = new Response('x', { headers: { 'content-type': 'text/html' } });
    response.headers.append('set-cookie', 'a=1; Path=/');
    response.headers.append('set-cookie', 'b=2; Path=/');
    expect(await toResult(response)).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'text/html' },
      multiValueHeaders: { 'set-cookie': ['a=1; Path=/', 'b=2; Path=/'] },
      body: 'x',
    });
  });
});
