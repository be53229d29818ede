/** A client as an item of its own partition, and the item of the directory by which clients are listed. */
import * as z from 'zod';
import { ClientPolicy, type ClientRecord } from '../../../core/tenant/client.ts';
import { fromItem, toItem, type Item } from '../attributes.ts';
import { itemKeys } from '../schema.ts';

const ClientItem = z.object({ id: z.string().min(1), created_at: z.iso.datetime(), policy: ClientPolicy });
const DirectoryItem = ClientItem.pick({ id: true });

/** The whole item, its primary key included. */
export function toClientItem({ id, createdAt, policy }: ClientRecord): Item {
  return toItem({ ...itemKeys.client.record(id), id, created_at: createdAt, policy });
}

export function fromClientItem(item: Readonly<Item>): ClientRecord {
  const { id, created_at: createdAt, policy } = ClientItem.parse(fromItem(item));
  return { id, createdAt, policy };
}

/** The whole item, its primary key included. */
export function toDirectoryItem({ id, createdAt }: ClientRecord): Item {
  return toItem({ ...itemKeys.client.directory(id), id, created_at: createdAt });
}

/** The client's id. */
export function fromDirectoryItem(item: Readonly<Item>): string {
  return DirectoryItem.parse(fromItem(item)).id;
}
