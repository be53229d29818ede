/** The deployed wiring: API Gateway events through the real handlers, environment and SDK clients included. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { isWellFormedKey } from '../../../core/keys/api-key.ts';
import { toAuthorizerContext, type Principal } from '../../../core/keys/principal.ts';
import { startDynamoDb, type TestDynamoDb } from '../../fakes/dynamodb.ts';

type Handler<In, Out> = (event: In, context: Context) => Promise<Out>;

let db: TestDynamoDb;
let admin: Handler<APIGatewayProxyEvent, APIGatewayProxyResult>;
let bootstrap: Handler<unknown, Record<string, unknown>>;
const printed: string[] = [];
const write = process.stdout.write.bind(process.stdout);

beforeAll(async () => {
  db = await startDynamoDb();
  Object.assign(process.env, {
    KEYS_TABLE: db.keysTable,
    TENANTS_TABLE: db.tenantsTable,
    CREDENTIAL_KEY_ARN: 'arn:aws:kms:eu-central-1:123456789012:key/1',
    TENANT_WRITER_ROLE_ARN: 'arn:aws:iam::123456789012:role/TenantWriterRole',
    PUBLIC_URL: '',
    AWS_ENDPOINT_URL_DYNAMODB: db.endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  process.stdout.write = (line: string | Uint8Array) => printed.push(String(line)) > 0;
  admin = (await import('../../../lambda/admin/handler.ts')).handler as unknown as typeof admin;
  bootstrap = (await import('../../../lambda/bootstrap/handler.ts')).handler as unknown as typeof bootstrap;
});
afterAll(async () => {
  process.stdout.write = write;
  await db.stop();
});

const context = {} as Context;
const OPERATOR: Principal = { kind: 'operator', keyId: 'op_1' };

function event(method: string, path: string, more: Partial<APIGatewayProxyEvent> = {}, principal = OPERATOR) {
  return {
    httpMethod: method,
    path,
    resource: '/admin/v1/{proxy+}',
    multiValueHeaders: { 'Content-Type': ['application/json; charset=utf-8'], Host: ['evil.example'] },
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    body: null,
    isBase64Encoded: false,
    requestContext: {
      requestId: 'r',
      domainName: 'abc.execute-api.eu-central-1.amazonaws.com',
      path: `/v1${path}`,
      authorizer: { ...toAuthorizerContext(principal), integrationLatency: 3 },
    },
    ...more,
  } as unknown as APIGatewayProxyEvent;
}

describe('the admin function', () => {
  it('serves an event of API Gateway, header names in any case', async () => {
    const body = JSON.stringify({ client: 'ä/b', type: 'solo' });
    const made = await admin(event('POST', '/admin/v1/keys', { body }), context);
    expect(made).toMatchObject({ statusCode: 201, headers: { 'content-type': 'application/json' } });
    expect(isWellFormedKey((JSON.parse(made.body) as { key: string }).key)).toBe(true);
  });

  it('reads a base64 body, an encoded path and decoded query values', async () => {
    const body = Buffer.from(JSON.stringify({ policy: { inline_credentials: 'refuse' } })).toString('base64');
    const changed = await admin(
      event('PATCH', '/admin/v1/clients/%C3%A4%2Fb', { body, isBase64Encoded: true }),
      context,
    );
    expect(JSON.parse(changed.body)).toMatchObject({ id: 'ä/b', policy: { inline_credentials: 'refuse' } });
    const query = { multiValueQueryStringParameters: { client: ['ä/b'] } };
    const listed = await admin(event('GET', '/admin/v1/keys', query), context);
    expect(JSON.parse(listed.body)).toMatchObject({ keys: [{ client: 'ä/b' }] });
  });

  it('refuses a query parameter that is sent twice', async () => {
    const query = { multiValueQueryStringParameters: { client: ['a', 'b'] } };
    expect((await admin(event('GET', '/admin/v1/keys', query), context)).statusCode).toBe(400);
  });

  it('serves an event without headers, as the test console sends it', async () => {
    const bare = { headers: null, multiValueHeaders: null } as unknown as Partial<APIGatewayProxyEvent>;
    expect((await admin(event('GET', '/admin/v1/clients', bare), context)).statusCode).toBe(200);
  });

  it('says where vendors send people back to by what API Gateway states, and by no header', async () => {
    const listed = await admin(event('GET', '/admin/v1/oauth-apps'), context);
    expect(JSON.parse(listed.body)).toEqual({
      oauth_apps: [],
      redirect_uri: 'https://abc.execute-api.eu-central-1.amazonaws.com/v1/oauth/callback',
    });
  });

  it('takes the operator from the authorizer alone', async () => {
    const scoped: Principal = { ...OPERATOR, clientId: 'nobody' };
    const listed = await admin(event('GET', '/admin/v1/clients', {}, scoped), context);
    expect(JSON.parse(listed.body)).toEqual({ clients: [] });
    const forged = event('GET', '/admin/v1/clients');
    forged.requestContext.authorizer = undefined as never;
    await expect(admin(forged, context)).rejects.toThrow();
  });
});

describe('the bootstrap function', () => {
  it.each<[{ name?: string } | null | undefined]>([[{}], [null], [undefined], [{ name: 'first' }]])(
    'mints an operator key of every client for %j',
    async (given) => {
      printed.length = 0;
      const minted = await bootstrap(given, context);
      expect(Object.keys(minted).toSorted()).toEqual(['id', 'operator_key']);
      expect(isWellFormedKey(minted.operator_key as string)).toBe(true);
      expect(printed.join()).not.toContain(String(minted.operator_key));
      const listed = await admin(event('GET', '/admin/v1/operators'), context);
      expect(JSON.parse(listed.body).operators).toContainEqual(
        expect.objectContaining({ id: minted.id, scope: 'all', name: given?.name ?? 'bootstrap', status: 'active' }),
      );
    },
  );
});

describe('bootstrap', () => {
  it('leaves a line in the log for every operator key that it mints', async () => {
    printed.length = 0;
    const minted = await bootstrap({}, context);
    expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        time: expect.any(String),
        level: 'INFO',
        service: 'bootstrap',
        event: 'operator key minted',
        keyId: minted.id,
      },
    ]);
  });
});
