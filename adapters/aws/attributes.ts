/**
 * Plain values to DynamoDB attributes and back. Only the kinds that the two tables hold: text, whole numbers,
 * booleans, bytes, lists and maps. An absent value is an absent attribute, never NULL.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;

export type Storable =
  | string
  | number
  | boolean
  | Uint8Array
  | readonly Storable[]
  | { readonly [name: string]: Storable | undefined };

/** An item from a flat object; fields that are undefined are left out. */
export function toItem(fields: Readonly<Record<string, Storable | undefined>>): Item {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, toAttribute(value)]])),
  );
}

/** An object from an item, with nothing promised about its shape: parse it before use. */
export function fromItem(item: Readonly<Item>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromAttribute(value)]));
}

function toAttribute(value: Storable): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value instanceof Uint8Array) return { B: value };
  if (isList(value)) return { L: value.map(toAttribute) };
  return { M: toItem(value) };
}

function fromAttribute(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.B !== undefined) return value.B;
  if (value.L !== undefined) return value.L.map(fromAttribute);
  if (value.M !== undefined) return fromItem(value.M);
  return undefined;
}

/** `Array.isArray` does not narrow a readonly array. */
function isList(value: Storable): value is readonly Storable[] {
  return Array.isArray(value);
}
