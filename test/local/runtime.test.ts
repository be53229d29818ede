/** The whole runtime over the synthesized template, with a real MCP client. */
import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDynamoDb } from '../../emulator/dynamodb/dynamodb.ts';
import { startRuntime } from '../../local/runtime.ts';
import { ensureTables, removeExpired } from '../../emulator/tables.ts';
import type { TableModel } from '../../emulator/cloudformation/data-model.ts';
import { startE2e, testAssembly, type E2eRuntime } from '../e2e/runtime.ts';

let runtime: E2eRuntime;
beforeAll(async () => {
  runtime = await startE2e();
}, 180_000);
afterAll(() => runtime.stop());

async function connect(key: string, query: Record<string, string> = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { 'X-API-Key': key } };
  // The SDK declares optional fields that this compiler setting tells apart from undefined ones.
  await client.connect(
    new StreamableHTTPClientTransport(runtime.mcp(query), { requestInit }) as Parameters<Client['connect']>[0],
  );
  return client;
}

describe('the runtime', () => {
  it('serves MCP clients under the key and tenant they come with', async () => {
    const { key } = await runtime.createKey({ client: 'acme', type: 'client' });
    const client = await connect(key, { user_id: 'u1' });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['list_connections', 'call_tool']));
    const { structuredContent } = await client.callTool({ name: 'list_connections', arguments: {} });
    expect(structuredContent).toEqual({ connections: [] });
    await client.close();
  });

  it('reaches a tenant’s rows by the tenant role only, and each call is counted', async () => {
    const { key } = await runtime.createKey({ client: 'counted', type: 'client' });
    const client = await connect(key, { user_id: 'u1' });
    await client.callTool({ name: 'list_connections', arguments: {} });
    runtime.resetAwsCalls();
    await client.callTool({ name: 'list_connections', arguments: {} });
    const calls = runtime.awsCalls();
    expect(calls.length).toBeGreaterThan(1);
    expect(calls.every(({ allowed }) => allowed)).toBe(true);
    const roles = new Set(
      calls.map(({ action, role }) => `${action} ${role.replace(/.*(Authorizer|TenantRole).*/, '$1')}`),
    );
    expect(roles).toContain('dynamodb:GetItem Authorizer');
    expect(roles).toContain('dynamodb:Query TenantRole');
    await client.close();
  });

  it('says no in the words of the template', async () => {
    const answer = await fetch(runtime.mcp(), { method: 'POST', body: '{}' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(await answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: expect.any(Number) } });
    const get = await fetch(runtime.mcp());
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await fetch(`${runtime.url}/nothing`)).status).toBe(404);
    expect(await (await fetch(`${runtime.url}/healthz`)).json()).toMatchObject({ status: 'ok' });
  });

  it('revokes a key for its next request', async () => {
    const { id, key } = await runtime.createKey({ client: 'acme', type: 'solo' });
    const ping = () =>
      fetch(runtime.mcp(), {
        method: 'POST',
        headers: {
          'x-api-key': key,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      });
    expect((await ping()).status).toBe(200);
    expect((await runtime.admin('POST', `/keys/${id}/revoke`)).status).toBe(200);
    expect((await ping()).status).toBe(401);
  });

  it('answers many clients at once, each with its own', async () => {
    const { key } = await runtime.createKey({ client: 'many', type: 'client' });
    const clients = await Promise.all(Array.from({ length: 12 }, (_, i) => connect(key, { user_id: `u${i}` })));
    const answers = await Promise.all(
      clients.map((client) => client.callTool({ name: 'list_connections', arguments: {} })),
    );
    expect(answers.map(({ structuredContent }) => structuredContent)).toEqual(clients.map(() => ({ connections: [] })));
    await Promise.all(clients.map((client) => client.close()));
  });

  it('keeps every key out of its logs', async () => {
    const { key } = await runtime.createKey({ client: 'acme', type: 'solo' });
    await fetch(runtime.mcp({ user_id: 'x' }), { method: 'POST', headers: { 'x-api-key': key }, body: '{}' });
    await fetch(runtime.mcp(), { method: 'POST', headers: { authorization: `Bearer ${key}x` }, body: '{}' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const logs = readdirSync(join(runtime.data, 'logs')).map((name) =>
      readFileSync(join(runtime.data, 'logs', name), 'utf8'),
    );
    const text = [...logs, ...runtime.warnings].join('\n');
    expect(text).toContain('/mcp');
    expect(text).not.toContain(key.slice(0, 15));
    expect(text).not.toContain(runtime.operatorKey);
  });

  it('has needed no permission so far that the template does not grant', () => {
    expect(runtime.awsCalls().filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it('invokes functions by name for an administrator, and says when there is none', async () => {
    expect(await runtime.invoke('AdminApiBootstrap', { name: 'second' })).toMatchObject({
      operator_key: expect.any(String),
    });
    await expect(runtime.invoke('NoSuchFunction', {})).rejects.toThrow('no function NoSuchFunction');
  });
});

describe('a DynamoDB endpoint of the user', () => {
  it('holds the data instead of the data folder, behind the same policies', async () => {
    const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;
    const server = dynalite({ createTableMs: 20 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const data = mkdtempSync(join(tmpdir(), 'allmcp-forward-'));
    const own = await startRuntime({
      assembly: await testAssembly(),
      data,
      port: 0,
      dynamodbEndpoint: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      warn: () => {},
    });
    try {
      const answer = await fetch(`${own.url}/mcp?user_id=u`, {
        method: 'POST',
        headers: {
          'x-api-key': own.firstKey ?? '',
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_connections","arguments":{}}}',
      });
      expect(await answer.text()).toContain('connections');
      expect(readdirSync(data)).not.toContain('ddb');
      expect(own.awsCalls().some(({ role }) => role.includes('TenantRole'))).toBe(true);
    } finally {
      await own.stop();
      server.closeAllConnections();
      server.close();
    }
  }, 60_000);
});

describe('the tables', () => {
  const table: TableModel = {
    name: 'Rows',
    arn: 'arn',
    hashKeys: { '': 'pk' },
    ttlAttribute: 'ttl',
    create: {
      TableName: 'Rows',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    },
  };
  const open = async () => {
    const dynamodb = await openDynamoDb({ account: '0', region: 'r' });
    await ensureTables(dynamodb, [table]);
    return dynamodb;
  };

  it('lose the rows whose time is over, and no other', async () => {
    const dynamodb = await open();
    const put = (pk: string, ttl?: number) =>
      dynamodb.call('PutItem', {
        TableName: 'Rows',
        Item: { pk: { S: pk }, ...(ttl === undefined ? {} : { ttl: { N: String(ttl) } }) },
      });
    await put('past', 999);
    await put('future', 1_001);
    await put('never');
    await removeExpired(dynamodb, table, 1_000_000);
    const { Items } = await dynamodb.call('Scan', { TableName: 'Rows' });
    expect((Items as { pk: { S: string } }[]).map(({ pk }) => pk.S).toSorted()).toEqual(['future', 'never']);
    await dynamodb.close();
  });

  it('stay when they are there, and stop the start when their keys are others', async () => {
    const dynamodb = await open();
    await ensureTables(dynamodb, [table]);
    const other = { ...table, create: { ...table.create, KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] } };
    await expect(ensureTables(dynamodb, [other])).rejects.toThrow('other keys or indexes');
    await dynamodb.close();
  });
});
