/**
 * What code in the place of each function could reach. The functions' bundles are replaced by one that hands out its
 * own credentials, over a data folder that the real ones have filled; every call then goes to the runtime's AWS
 * endpoint as the function's own would. Every refusal stands beside the same call that is allowed.
 */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, QueryCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { itemKeys, SESSION_TAGS } from '../../adapters/aws/schema.ts';
import { hashKey } from '../../core/keys/api-key.ts';
import { encryptionContext } from '../../core/vault/envelope.ts';
import { tenantId, tenantTags, type TenantId } from '../../core/tenant/tenant.ts';
import { readModel } from '../../emulator/cloudformation/model.ts';
import { connect, startPortals } from './portals.ts';
import { closeConnections } from './rpc.ts';
import { startE2e, START_TIMEOUT_MS, testAssembly, type E2eRuntime } from './runtime.ts';

const PROBE = `export const handler = async () => ({
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  sessionToken: process.env.AWS_SESSION_TOKEN,
  endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB,
  region: process.env.AWS_REGION,
});\n`;

const A = tenantId({ client: 'acme', org: 'jsm', user: 'ann' });
const B = tenantId({ client: 'acme', org: 'jsm', user: 'bob' });

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}
interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
  readonly sts: STSClient;
}

const scratch = mkdtempSync(join(tmpdir(), 'allmcp-isolation-'));
const data = join(scratch, 'data');
let runtime: E2eRuntime;
let key: string;
let place: { readonly endpoint: string; readonly region: string };
const open: Clients[] = [];

beforeAll(async () => {
  const portals = await startPortals(2);
  const real = await startE2e({ data, routes: portals.routes });
  ({ key } = await real.createKey({ client: 'acme', type: 'platform' }));
  for (const [i, user] of ['ann', 'bob'].entries()) {
    const portal = portals.all[i];
    if (portal !== undefined) await connect({ url: real.mcp({ org_id: 'jsm', user_id: user }), key }, portal);
  }
  await real.stop();
  await portals.stop();
  runtime = await startE2e({ data, assembly: probedAssembly(await testAssembly()) });
}, START_TIMEOUT_MS);
afterAll(async () => {
  for (const { dynamodb, kms, sts } of open) for (const client of [dynamodb, kms, sts]) client.destroy();
  await runtime.stop();
  rmSync(scratch, { recursive: true, force: true });
  closeConnections();
});

/** The same template with the probe in the place of every function. */
function probedAssembly(assembly: string): string {
  const copy = join(scratch, 'assembly');
  cpSync(assembly, copy, { recursive: true });
  for (const { code } of readModel(copy).functions) {
    for (const file of readdirSync(code)) rmSync(join(code, file), { recursive: true });
    writeFileSync(join(code, 'index.mjs'), PROBE);
  }
  return copy;
}

/** AWS clients with the credentials that this function runs with. */
async function as(functionName: string): Promise<Clients> {
  const { endpoint, region, ...credentials } = (await runtime.invoke(functionName, {})) as Credentials & typeof place;
  place = { endpoint, region };
  return clients(credentials);
}

function clients(credentials: Credentials): Clients {
  const options = { ...place, credentials, maxAttempts: 1 };
  const made = {
    dynamodb: new DynamoDBClient(options),
    kms: new KMSClient(options),
    sts: new STSClient(options),
  };
  open.push(made);
  return made;
}

async function assume(sts: STSClient, tags: Readonly<Record<string, string>>, name = 'TenantRole'): Promise<Clients> {
  const role = [...runtime.model.roles.keys()].find((arn) => arn.includes(name));
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: role,
      RoleSessionName: 'tenant',
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  if (given?.AccessKeyId === undefined) throw new Error('no credentials');
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey = '', SessionToken: sessionToken = '' } = given;
  return clients({ accessKeyId, secretAccessKey, sessionToken });
}

function tagsOf(tenant: TenantId): Record<string, string> {
  const { client, org, user } = tenantTags(tenant);
  return { [SESSION_TAGS.client]: client, [SESSION_TAGS.org]: org, [SESSION_TAGS.user]: user };
}

function appTags(tenant: TenantId): Record<string, string> {
  const { [SESSION_TAGS.user]: _user, ...tags } = tagsOf(tenant);
  return tags;
}

const tableOf = (name: string): string =>
  runtime.model.tables.find((table) => table.name.includes(name))?.name ?? 'none';
const rowOf = (tenant: TenantId) => itemKeys.tenant.connection(tenant, 'bitrix24', 'default');
const keyed = ({ pk, sk }: { pk: string; sk: string }) => ({ pk: { S: pk }, sk: { S: sk } });
const get = (tenant: TenantId) => new GetItemCommand({ TableName: tableOf('Tenants'), Key: keyed(rowOf(tenant)) });
const query = (tenant: TenantId) =>
  new QueryCommand({
    TableName: tableOf('Tenants'),
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: tenant } },
  });
const decrypt = (blob: Uint8Array, tenant: TenantId) =>
  new DecryptCommand({
    CiphertextBlob: blob,
    EncryptionContext: { ...encryptionContext(tenant, 'bitrix24', 'default') },
  });
const generate = (context: Record<string, string> | undefined) =>
  new GenerateDataKeyCommand({
    KeyId: runtime.model.keys[0]?.arn,
    KeySpec: 'AES_256',
    ...(context === undefined ? {} : { EncryptionContext: context }),
  });

/** The sealed data key of a tenant's connection, read as that tenant. */
async function sealedKeyOf(tenant: TenantId): Promise<Uint8Array> {
  const { sts } = await as('McpEndpoint');
  const { dynamodb } = await assume(sts, tagsOf(tenant));
  const blob = (await dynamodb.send(get(tenant))).Item?.['edk']?.B;
  if (blob === undefined) throw new Error('there is no connection');
  return blob;
}

const refused = (call: Promise<unknown>) =>
  expect(call).rejects.toMatchObject({ name: expect.stringMatching(/^AccessDenied(Exception)?$/) });

describe('a session of one tenant', () => {
  let ann: Clients;
  beforeAll(async () => (ann = await assume((await as('McpEndpoint')).sts, tagsOf(A))));

  it("reads its own rows, and is denied another tenant's", async () => {
    expect((await ann.dynamodb.send(get(A))).Item?.['account']?.S).toBe('Owner of portal0');
    expect((await ann.dynamodb.send(query(A))).Count).toBeGreaterThan(0);
    await refused(ann.dynamodb.send(get(B)));
    await refused(ann.dynamodb.send(query(B)));
    await refused(ann.dynamodb.send(new ScanCommand({ TableName: tableOf('Tenants') })));
  });

  it("opens its own credential, and is denied another tenant's, under either context", async () => {
    const [own, other] = [await sealedKeyOf(A), await sealedKeyOf(B)];
    expect((await ann.kms.send(decrypt(own, A))).Plaintext).toHaveLength(32);
    await refused(ann.kms.send(decrypt(other, B)));
    await refused(ann.kms.send(decrypt(own, B)));
    // Its own context is allowed to it, and does not open what was sealed under another.
    await expect(ann.kms.send(decrypt(other, A))).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('makes data keys under its own context only', async () => {
    const own = encryptionContext(A, 'bitrix24', 'default');
    expect((await ann.kms.send(generate({ ...own }))).Plaintext).toHaveLength(32);
    const { user: _user, ...withoutUser } = own;
    for (const context of [{ ...encryptionContext(B, 'bitrix24', 'default') }, withoutUser, {}, undefined])
      await refused(ann.kms.send(generate(context)));
    await refused(ann.kms.send(new EncryptCommand({ KeyId: runtime.model.keys[0]?.arn, Plaintext: Buffer.from('x') })));
  });

  it('counts for its client without reading what others counted, and reaches no key', async () => {
    const add = (tenant: TenantId, returns: 'UPDATED_NEW' | 'ALL_NEW') =>
      new UpdateItemCommand({
        TableName: tableOf('Tenants'),
        Key: keyed(itemKeys.shared.keyMinute(tenant, 'k', '2026')),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
        ReturnValues: returns,
      });
    await ann.dynamodb.send(add(A, 'UPDATED_NEW'));
    await refused(ann.dynamodb.send(add(A, 'ALL_NEW')));
    await refused(ann.dynamodb.send(add(tenantId({ client: 'other', user: 'ann' }), 'UPDATED_NEW')));
    await refused(ann.dynamodb.send(keyLookup()));
  });

  it('cannot become another tenant, nor the function that made it', async () => {
    await refused(assume(ann.sts, tagsOf(B)));
    await refused(assume(ann.sts, tagsOf(A)));
    await refused(assume(ann.sts, {}, 'McpRole'));
  });
});

const keyLookup = () =>
  new GetItemCommand({ TableName: tableOf('Keys'), Key: { pk: { S: itemKeys.key(hashKey(key)).pk } } });

describe('the MCP function without a session', () => {
  it('is denied every row, every key and every credential', async () => {
    const mcp = await as('McpEndpoint');
    await refused(mcp.dynamodb.send(get(A)));
    await refused(mcp.dynamodb.send(query(A)));
    await refused(mcp.dynamodb.send(keyLookup()));
    await refused(mcp.kms.send(decrypt(await sealedKeyOf(A), A)));
    await refused(mcp.kms.send(generate({ ...encryptionContext(A, 'bitrix24', 'default') })));
  });

  it('gets a session with all three tags only', async () => {
    const { sts } = await as('McpEndpoint');
    await assume(sts, tagsOf(A));
    for (const missing of Object.values(SESSION_TAGS)) {
      const { [missing]: _left, ...tags } = tagsOf(A);
      await refused(assume(sts, tags));
    }
    await refused(assume(sts, { ...tagsOf(A), more: 'x' }));
  });
});

describe('the connect function', () => {
  it('stores and seals for the tenant of a link, and opens nothing', async () => {
    const connect = await as('ConnectPages');
    const writer = await assume(connect.sts, tagsOf(A), 'TenantWriterRole');
    const apps = await assume(connect.sts, appTags(A), 'AppRole');
    const sealed = await sealedKeyOf(A);
    // What it is for is allowed...
    expect((await writer.dynamodb.send(get(A))).Item?.['account']?.S).toBe('Owner of portal0');
    const context = { ...encryptionContext(A, 'bitrix24', 'default') };
    expect((await writer.kms.send(generate(context))).Plaintext).toHaveLength(32);
    // ...and opening is not: as itself, as the writer of that tenant, as a reader of apps, as the tenant.
    for (const { kms } of [connect, writer, apps]) {
      await refused(kms.send(decrypt(sealed, A)));
      await refused(kms.send(decrypt(await sealedKeyOf(B), B)));
    }
    await refused(assume(connect.sts, tagsOf(A), '-CredentialVaultTenantRole'));
    // A key that it made itself it cannot open either.
    const made = (await writer.kms.send(generate(context))).CiphertextBlob ?? new Uint8Array();
    await refused(writer.kms.send(decrypt(made, A)));
    await refused(writer.dynamodb.send(get(B)));
    await refused(connect.dynamodb.send(get(A)));
  });
});

describe('a session that reads apps', () => {
  it('reaches the apps of its own client and of the platform, no other client, and no tenant', async () => {
    const { dynamodb } = await assume((await as('McpEndpoint')).sts, appTags(A), 'AppRole');
    const app = (client: string | undefined) =>
      new GetItemCommand({ TableName: tableOf('Tenants'), Key: keyed(itemKeys.app.oauthApp({ client }, 'kommo')) });
    await dynamodb.send(app('acme'));
    await dynamodb.send(app(undefined));
    await refused(dynamodb.send(app('rival')));
    await refused(dynamodb.send(get(A)));
  });
});

describe('the other functions', () => {
  it.each(['AdminApiFunction', 'AdminApiBootstrap', 'KeyAuthorizer'])(
    '%s opens no credential, reads no connection and becomes no tenant',
    async (name) => {
      const { dynamodb, kms, sts } = await as(name);
      await refused(kms.send(decrypt(await sealedKeyOf(A), A)));
      await refused(kms.send(generate({ ...encryptionContext(A, 'bitrix24', 'default') })));
      await refused(dynamodb.send(get(A)));
      await refused(dynamodb.send(query(A)));
      await refused(assume(sts, tagsOf(A)));
      expect((await dynamodb.send(keyLookup())).Item?.['pk']?.S).toBe(itemKeys.key(hashKey(key)).pk);
    },
  );
});

describe('credentials that were not given by the runtime', () => {
  it('are refused before any policy is asked', async () => {
    const { sts } = await as('McpEndpoint');
    const { dynamodb } = await assume(sts, tagsOf(A));
    const known = await dynamodb.config.credentials();
    const forged = clients({ ...(known as Credentials), secretAccessKey: 'x'.repeat(40) });
    await expect(forged.dynamodb.send(get(A))).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    const unknown = clients({ accessKeyId: 'ASIAXXXXXXXXXXXXXXXX', secretAccessKey: 'x', sessionToken: 'x' });
    await expect(unknown.dynamodb.send(get(A))).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });
});
