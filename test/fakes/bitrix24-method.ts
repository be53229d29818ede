/** What a method of the fake portal is. */
import { portalTime } from './bitrix24-portal.ts';
import type { Params, Portal, Row } from './bitrix24-portal.ts';

export type Type = 'integer' | 'string' | 'boolean' | 'object' | 'array' | 'datetime' | 'date';

export interface Method {
  readonly scope: string;
  /** A name ending in `!` is required. */
  readonly params: Readonly<Record<string, Type>>;
  readonly run: (portal: Portal, params: Params) => Row;
  readonly write?: boolean;
}

export const LIST: Readonly<Record<string, Type>> = {
  select: 'array',
  filter: 'object',
  order: 'object',
  start: 'integer',
};

/** The same instant, written the way the portal writes it. */
export function inPortalZone(value: string): string {
  return portalTime(Date.parse(value));
}
