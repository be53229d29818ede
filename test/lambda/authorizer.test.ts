/** Which parameters each address takes, as the authorizer reads them from API Gateway's event. */
import { describe, expect, it } from '@jest/globals';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { mintKey } from '../../core/keys/api-key.ts';
import { createAuthorizer } from '../../lambda/authorizer/app.ts';
import { SILENT } from '../fakes/log.ts';
import { apiKeyRecord } from '../fakes/keys.ts';

const authorize = createAuthorizer({
  keys: { find: async () => apiKeyRecord(), findTenantKey: async () => undefined },
  clock: () => Date.UTC(2026, 10, 22),
  log: SILENT,
});

async function kindOf(resource: string, query: Readonly<Record<string, readonly string[]>>) {
  const event = {
    resource,
    methodArn: 'arn',
    multiValueHeaders: { 'X-API-Key': [mintKey()], Authorization: [''] },
    multiValueQueryStringParameters: query,
  };
  const { context } = await authorize(event as unknown as APIGatewayRequestAuthorizerEvent);
  return context?.['kind'];
}

const TENANT = { org_id: ['o'], user_id: ['u'] };

describe('an address', () => {
  it.each([
    ['/mcp', { full_catalog: ['true'], system_only: ['true'] }, 'tenant'],
    ['/mcp/{proxy+}', { full_catalog: ['true'], system_only: ['true'] }, 'tenant'],
    ['/connections/{provider_key}', { connection: ['work'] }, 'tenant'],
    ['/connections', {}, 'tenant'],
    ['/connect-links', {}, 'tenant'],
    ['/tenant-keys', {}, 'issuer'],
  ])('%s takes the names of a tenant and %j, and no other', async (resource, own, kind) => {
    expect(await kindOf(resource, { ...TENANT, ...own })).toBe(kind);
    for (const name of ['userId', 'user_id[]', 'amp;user_id', 'x', 'full_catalog', 'connection'])
      if (!Object.hasOwn(own, name))
        expect([name, await kindOf(resource, { ...TENANT, [name]: ['true'] })]).toEqual([name, 'rejected']);
  });
});
