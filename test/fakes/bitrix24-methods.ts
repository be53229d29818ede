/**
 * What the fake portal knows how to do: each method's parameters and its effect, written from the vendor's reference.
 * Parameters and fields that are not documented are refused, which is stricter than the portal: it catches what a tool
 * sends in vain.
 */
import { Refusal } from './bitrix24-portal.ts';
import type { Params } from './bitrix24-portal.ts';
import { type Type, type Method } from './bitrix24-method.ts';
import { crm } from './bitrix24-crm.ts';
import { tasks } from './bitrix24-tasks.ts';
import { organization, calendar, telephonyAndDrive } from './bitrix24-organization.ts';

/** By lower-case name: the portal does not tell cases apart. */
export const METHODS: Readonly<Record<string, Method>> = {
  ...crm,
  ...tasks,
  ...organization,
  ...calendar,
  ...telephonyAndDrive,
};

const CHECKS: Readonly<Record<Type, (value: unknown) => boolean>> = {
  integer: (value) => Number.isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value)),
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean' || value === 'Y' || value === 'N',
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  datetime: (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value),
  date: (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value),
};

/** Throws a Refusal for a missing, misspelt or mistyped parameter. */
export function validate(name: string, { params: known }: Method, given: Params): void {
  for (const [key, type] of Object.entries(known)) {
    const field = key.replace('!', '');
    const value = given[field];
    if (value === undefined && key.endsWith('!'))
      throw new Refusal(400, '100', `Could not find value for parameter {${field}} of ${name}`);
    if (value !== undefined && !CHECKS[type](value))
      throw new Refusal(400, '100', `Invalid value {${field}} of ${name}: should be of type ${type}`);
  }
  const unknown = Object.keys(given).find((field) => known[field] === undefined && known[`${field}!`] === undefined);
  if (unknown !== undefined) throw new Refusal(400, '100', `Parameter {${unknown}} of ${name} is unknown`);
}
