/**
 * What clients and their organizations have set about connecting accounts. One row each, one attribute for each field:
 * an update names the fields it changes, so that two changes of different fields at the same time both last.
 */
import { UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { AppOwner } from '../../../core/vault/app-owner.ts';
import { ClientSettings, OrgSettings, type Brand, type SettingsReader } from '../../../core/tenant/settings.ts';
import type { ClientSettingsChange, SettingsStore } from '../../../core/tenant/settings-admin.ts';
import { encodeId } from '../../../core/tenant/tenant.ts';
import { fromItem, toItem, type Item, type Storable } from '../attributes.ts';
import { getRow, primaryKey, queryRows, setting } from '../rows.ts';
import { itemKeys } from '../schema.ts';
import type { AppSessions } from '../tenant-session.ts';

const SettingsItem = z.object({
  brand_name: z.string().optional(),
  brand_logo_url: z.string().optional(),
  brand_color: z.string().optional(),
  return_urls: z.array(z.string()).optional(),
  embedding_origins: z.array(z.string()).optional(),
  org_app: z.string().optional(),
});
const OrgItem = z.object({ org: z.string().optional(), ...SettingsItem.shape });

export function createSettingsReader({
  sessions,
  table,
}: {
  readonly sessions: AppSessions;
  readonly table: string;
}): SettingsReader {
  return {
    async find({ client, org }) {
      const { dynamodb } = await sessions({ client: encodeId(client), org: encodeId(org) });
      const read = (owner: AppOwner) => getRow(dynamodb, table, itemKeys.app.settings(owner));
      const [ofClient, ofOrg] = await Promise.all([
        read({ client }),
        org === undefined ? undefined : read({ client, org }),
      ]);
      return {
        client: ClientSettings.parse(fromSettingsItem(ofClient)),
        org: OrgSettings.parse(fromSettingsItem(ofOrg)),
      };
    },
  };
}

export function createSettingsStore({
  dynamodb,
  table,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
}): SettingsStore {
  const read = async (owner: AppOwner) => fromSettingsItem(await getRow(dynamodb, table, itemKeys.app.settings(owner)));

  async function change(owner: AppOwner, fields: ClientSettingsChange): Promise<object> {
    const { set, removed } = toSettingsItem(fields);
    if (Object.keys(set).length + removed.length === 0) return read(owner);
    const { Attributes } = await dynamodb.send(
      new UpdateItemCommand({
        TableName: table,
        Key: primaryKey(itemKeys.app.settings(owner)),
        // An id may be hashed in the key: the row says whose it is.
        ...setting({ ...set, ...toItem({ client: owner.client ?? '', org: owner.org }) }, removed),
        ReturnValues: 'ALL_NEW',
      }),
    );
    return fromSettingsItem(Attributes);
  }

  return {
    ofClient: async (client) => ClientSettings.parse(await read({ client })),
    ofOrg: async (client, org) => OrgSettings.parse(await read({ client, org })),
    changeClient: async (client, fields) => ClientSettings.parse(await change({ client }, fields)),
    changeOrg: async (client, org, { brand }) => OrgSettings.parse(await change({ client, org }, { brand })),

    async orgs(client) {
      const wanted = ['org', 'brand_name', 'brand_color'];
      const items = await queryRows(dynamodb, table, itemKeys.app.allSettings(client), wanted);
      return items.flatMap((item) => {
        const { org, brand_name: name, brand_color: color } = OrgItem.parse(fromItem(item));
        return org === undefined ? [] : [{ org, brand: present({ name, color }) }];
      });
    },
  };
}

/** What a change sets, and the names of what it takes away. */
function toSettingsItem({ brand = {}, ...rest }: ClientSettingsChange) {
  const fields: Readonly<Record<string, Storable | null | undefined>> = {
    ...rest,
    brand_name: brand.name,
    brand_logo_url: brand.logo_url,
    brand_color: brand.color,
  };
  const set = Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  const removed = Object.entries(fields).flatMap(([name, value]) => (value === null ? [name] : []));
  return { set: toItem(Object.fromEntries(set)), removed };
}

/**
 * For the schema of a client's settings, or of an organization's, which fills in the defaults. What is not set is not
 * there: the look of an organization is laid over its client's, and a field that is undefined would hide it.
 */
function fromSettingsItem(item: Item | undefined): object {
  const { brand_name, brand_logo_url, brand_color, ...rest } = SettingsItem.parse(fromItem(item ?? {}));
  return { ...rest, brand: present({ name: brand_name, logo_url: brand_logo_url, color: brand_color }) };
}

function present(brand: Brand): Brand {
  return Object.fromEntries(Object.entries(brand).filter(([, value]) => value !== undefined));
}
