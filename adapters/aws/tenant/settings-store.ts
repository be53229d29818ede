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
import { fromItem, toAttribute, type Item, type Storable } from '../attributes.ts';
import { getRow, primaryKey, queryRows } from '../rows.ts';
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
      return { client: ClientSettings.parse(toSettings(ofClient)), org: OrgSettings.parse(toSettings(ofOrg)) };
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
  const read = async (owner: AppOwner) => toSettings(await getRow(dynamodb, table, itemKeys.app.settings(owner)));

  async function change(owner: AppOwner, fields: ClientSettingsChange): Promise<object> {
    const { brand = {}, ...rest } = fields;
    const changes = Object.entries({
      ...rest,
      brand_name: brand.name,
      brand_logo_url: brand.logo_url,
      brand_color: brand.color,
    }).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
    if (changes.length === 0) return read(owner);
    const { Attributes } = await dynamodb.send(
      new UpdateItemCommand({
        TableName: table,
        Key: primaryKey(itemKeys.app.settings(owner)),
        ...updateOf([...changes, ...ownerFields(owner)]),
        ReturnValues: 'ALL_NEW',
      }),
    );
    return toSettings(Attributes);
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

interface Change {
  readonly name: string;
  /** null takes the attribute away. */
  readonly value: Storable | null;
}

/** An id may be hashed in the key: the row says whose it is. */
function ownerFields({ client = '', org }: AppOwner): readonly Change[] {
  return [{ name: 'client', value: client }, ...(org === undefined ? [] : [{ name: 'org', value: org }])];
}

function updateOf(changes: readonly Change[]) {
  const named = changes.map((change, i) => ({ ...change, at: `#f${i}`, as: `:v${i}` }));
  const set = named.flatMap(({ value, at, as }) => (value === null ? [] : [`${at} = ${as}`]));
  const removed = named.flatMap(({ value, at }) => (value === null ? [at] : []));
  const values = named.flatMap(({ value, as }) => (value === null ? [] : [[as, toAttribute(value)] as const]));
  return {
    UpdateExpression: `SET ${set.join(', ')}${removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`}`,
    ExpressionAttributeNames: Object.fromEntries(named.map(({ at, name }) => [at, name])),
    ExpressionAttributeValues: Object.fromEntries(values),
  };
}

/**
 * For the schema of a client's settings, or of an organization's, which fills in the defaults. What is not set is not
 * there: the look of an organization is laid over its client's, and a field that is undefined would hide it.
 */
function toSettings(item: Item | undefined): object {
  const { brand_name, brand_logo_url, brand_color, ...rest } = SettingsItem.parse(fromItem(item ?? {}));
  return { ...rest, brand: present({ name: brand_name, logo_url: brand_logo_url, color: brand_color }) };
}

function present(brand: Brand): Brand {
  return Object.fromEntries(Object.entries(brand).filter(([, value]) => value !== undefined));
}
