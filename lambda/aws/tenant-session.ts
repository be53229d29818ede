/**
 * AWS clients that can reach one tenant's data and nothing else: TenantRole, assumed with the tenant's session
 * tags. Each tenant has its own clients and credentials; only idle network sockets are shared.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { LRUCache } from 'lru-cache';
import { tenantTags, type TenantId } from '../core/tenant.ts';
import { SESSION_TAGS } from './schema.ts';

export interface TenantSession {
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
}

export type TenantSessions = (tenant: TenantId) => Promise<TenantSession>;

/** STS allows chained sessions one hour; a shorter one costs a call every quarter of an hour per tenant. */
const SESSION_SECONDS = 900;
const RENEW_BEFORE_MS = 60_000;
const MAX_TENANTS = 200;

interface Held extends TenantSession {
  readonly expires: number;
}

type ClientOptions = Pick<
  NonNullable<ConstructorParameters<typeof DynamoDBClient>[0]>,
  'requestHandler' | 'maxAttempts'
>;

export function createTenantSessions(deps: {
  readonly sts: STSClient;
  readonly roleArn: string;
  readonly clock: () => number;
  readonly clientOptions: ClientOptions;
}): TenantSessions {
  const sessions = new LRUCache<TenantId, Promise<Held>>({ max: MAX_TENANTS });

  async function assume(tenant: TenantId): Promise<Held> {
    const tags = tenantTags(tenant);
    const { Credentials } = await deps.sts.send(
      new AssumeRoleCommand({
        RoleArn: deps.roleArn,
        RoleSessionName: 'tenant',
        DurationSeconds: SESSION_SECONDS,
        Tags: [
          { Key: SESSION_TAGS.client, Value: tags.client },
          { Key: SESSION_TAGS.org, Value: tags.org },
          { Key: SESSION_TAGS.user, Value: tags.user },
        ],
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined)
      throw new Error('STS gave no credentials');
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    return {
      dynamodb: new DynamoDBClient({ ...deps.clientOptions, credentials }),
      kms: new KMSClient({ ...deps.clientOptions, credentials }),
      expires: deps.clock() + SESSION_SECONDS * 1000 - RENEW_BEFORE_MS,
    };
  }

  return async (tenant) => {
    const held = sessions.get(tenant);
    if (held !== undefined) {
      const session = await held;
      if (session.expires > deps.clock()) return session;
    }
    const session = assume(tenant);
    sessions.set(tenant, session);
    try {
      return await session;
    } catch (error) {
      // A failed attempt must not be what the next request is given.
      sessions.delete(tenant);
      throw error;
    }
  };
}
