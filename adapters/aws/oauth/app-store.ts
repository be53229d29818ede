/**
 * OAuth apps: read by the functions that exchange codes and tokens, with a session of AppRole, and stored by the admin
 * function, which may seal a secret and never open one. Up to three levels are read by three GetItems side by side: a
 * query over a client's apps would read those of all its organizations, and the platform's are in another partition.
 */
import { DeleteItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import {
  appContext,
  appContextOf,
  ownerAbove,
  type AppOwner,
  type EncodedOwner,
} from '../../../core/vault/app-owner.ts';
import { openEnvelope, sealEnvelope, type Envelope } from '../../../core/vault/envelope.ts';
import type { OAuthApp, OAuthApps } from '../../../core/oauth/app.ts';
import { APP_LEVELS } from '../../../core/vault/app-owner.ts';
import type { OAuthAppStore, StoredApp } from '../../../core/oauth/app-admin.ts';
import { Secret } from '../../../core/vault/secret.ts';
import { tenantTags, type TenantId } from '../../../core/tenant/tenant.ts';
import type { Item } from '../attributes.ts';
import { decryptDataKey, generateDataKey } from '../vault/data-keys.ts';
import { getRow, primaryKey, queryRows } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { AppSessions } from '../tenant-session.ts';
import { fromAppItem, toAppItem, type SealedApp } from './app-item.ts';

export function createOAuthApps(deps: {
  readonly sessions: AppSessions;
  readonly table: string;
  readonly keyArn: string;
}): OAuthApps {
  async function read(tenant: TenantId, owner: EncodedOwner, provider: string): Promise<SealedApp | undefined> {
    const { dynamodb } = await deps.sessions(tenantTags(tenant));
    const item = await getRow(dynamodb, deps.table, itemKeys.app.oauthAppOf(owner, provider));
    return item === undefined ? undefined : fromAppItem(item);
  }

  return {
    async list(tenant, provider) {
      const found = await Promise.all(
        APP_LEVELS.map(async (level): Promise<OAuthApp | undefined> => {
          const owner = ownerAbove(tenantTags(tenant), level);
          const app = owner === undefined ? undefined : await read(tenant, owner, provider);
          return app === undefined ? undefined : { level, provider, clientId: app.clientId };
        }),
      );
      return found.filter((app) => app !== undefined);
    },

    async secret(tenant, { level, provider, clientId }) {
      const owner = ownerAbove(tenantTags(tenant), level);
      const app = owner === undefined ? undefined : await read(tenant, owner, provider);
      // The secret of another app would be sent with the id of this one.
      if (owner === undefined || app?.clientId !== clientId)
        throw new Error('the OAuth app was replaced or removed meanwhile');
      const { sealed } = app;
      if (sealed === undefined) return undefined;
      const context = appContextOf(owner, provider);
      const { kms } = await deps.sessions(tenantTags(tenant));
      const dataKey = await decryptDataKey(kms, deps.keyArn, context, sealed.edk);
      return new Secret(openEnvelope(dataKey, context, sealed));
    },
  };
}

export function createOAuthAppStore(deps: {
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
  readonly table: string;
  readonly keyArn: string;
}): OAuthAppStore {
  const { dynamodb, kms, table, keyArn } = deps;

  async function seal(owner: AppOwner, provider: string, secret: Secret<string>): Promise<Envelope> {
    const context = appContext(owner, provider);
    return sealEnvelope(await generateDataKey(kms, keyArn, context), context, secret.reveal());
  }

  return {
    async put(app, secret) {
      const sealed = secret && (await seal(app.owner, app.provider, secret));
      const { Attributes } = await dynamodb.send(
        new PutItemCommand({ TableName: table, Item: toAppItem({ ...app, sealed }), ReturnValues: 'ALL_OLD' }),
      );
      return Attributes === undefined ? undefined : toStoredApp(Attributes);
    },

    async find(owner, provider) {
      const item = await getRow(dynamodb, table, itemKeys.app.oauthApp(owner, provider));
      return item === undefined ? undefined : toStoredApp(item);
    },

    async list(client) {
      return (await queryRows(dynamodb, table, itemKeys.app.oauthApps({ client }))).map(toStoredApp);
    },

    async remove(owner, provider) {
      const Key = primaryKey(itemKeys.app.oauthApp(owner, provider));
      const { Attributes } = await dynamodb.send(
        new DeleteItemCommand({ TableName: table, Key, ReturnValues: 'ALL_OLD' }),
      );
      return Attributes === undefined ? undefined : toStoredApp(Attributes);
    },
  };
}

/** Leaves the envelope behind: an answer cannot hold what is not here. */
function toStoredApp(item: Item): StoredApp {
  const { sealed, ...app } = fromAppItem(item);
  return { ...app, hasSecret: sealed !== undefined };
}
