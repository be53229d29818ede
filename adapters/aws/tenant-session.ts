/**
 * AWS clients that can reach what the tags of their session say and nothing else: one tenant's data, or the OAuth apps,
 * settings and webhook that one client and organization use. Each session has its own clients and credentials; only idle
 * network sockets are shared.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { LRUCache } from 'lru-cache';
import { tenantTags, type TenantId, type TenantTags } from '../../core/tenant/tenant.ts';
import { createDynamoDbClient, createKmsClient } from './aws-clients.ts';
import { SESSION_TAGS } from './schema.ts';
import type { Clock, EpochMs } from '../../core/time.ts';

export interface TenantSession {
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
}

export type TenantSessions = (tenant: TenantId) => Promise<TenantSession>;

/** What a store is made with that reaches one tenant at a time. */
export interface TenantStoreDeps {
  readonly sessions: TenantSessions;
  readonly table: string;
  readonly clock: Clock;
}

/** Both parts encoded, as in the tags of the tenants that share it. */
export type AppScope = Pick<TenantTags, 'client' | 'org'>;

/** Sessions of AppRole, or of WebhookRole: they see settings and apps, or a webhook, and no tenant's rows. */
export type AppSessions = (scope: AppScope) => Promise<TenantSession>;

/** STS allows chained sessions one hour; a shorter one costs a call every quarter of an hour per tenant. */
const SESSION_SECONDS = 900;
const RENEW_BEFORE_MS = 60_000;
const MAX_SESSIONS = 200;

interface Held extends TenantSession {
  readonly expires: EpochMs;
}

export interface SessionDeps {
  /** Its sockets serve the clients of the sessions too. */
  readonly sts: STSClient;
  readonly roleArn: string;
  readonly clock: Clock;
}

type Tags = Partial<TenantTags>;

/** Of TenantRole, or of any other role that is trusted with all three tags. */
export function createTenantSessions(deps: SessionDeps): TenantSessions {
  const session = createSessions(deps, 'tenant');
  return (tenant) => session(tenant, tenantTags(tenant));
}

export function createAppSessions(deps: SessionDeps): AppSessions {
  const session = createSessions(deps, 'app');
  // `#` stands in no encoded part.
  return ({ client, org }) => session(`${client}#${org}`, { client, org });
}

/** @returns one session for each `key`; equal keys must mean equal tags. */
function createSessions(deps: SessionDeps, name: string): (key: string, tags: Tags) => Promise<TenantSession> {
  const { requestHandler } = deps.sts.config;
  const sessions = new LRUCache<string, Promise<Held>>({ max: MAX_SESSIONS });

  async function assume(tags: Tags): Promise<Held> {
    const { Credentials } = await deps.sts.send(
      new AssumeRoleCommand({
        RoleArn: deps.roleArn,
        RoleSessionName: name,
        DurationSeconds: SESSION_SECONDS,
        Tags: Object.entries(tags).map(([tag, Value]) => ({ Key: SESSION_TAGS[tag as keyof Tags], Value })),
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined)
      throw new Error('STS gave no credentials');
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    return {
      dynamodb: createDynamoDbClient({ requestHandler, credentials }),
      kms: createKmsClient({ requestHandler, credentials }),
      expires: deps.clock() + SESSION_SECONDS * 1000 - RENEW_BEFORE_MS,
    };
  }

  return async (key, tags) => {
    const held = sessions.get(key);
    if (held !== undefined) {
      const session = await held;
      if (session.expires > deps.clock()) return session;
    }
    const session = assume(tags);
    sessions.set(key, session);
    try {
      return await session;
    } catch (error) {
      // A failed attempt must not be what the next request is given.
      sessions.delete(key);
      throw error;
    }
  };
}
