/** Reading one CRM record: the same tool for every kind of record but its names. */
import * as z from 'zod';
import { defineTool, post } from '../../core/provider/kit.ts';
import { recordIdOf } from './inputs.ts';
import { wholeRecord } from './responses.ts';

/**
 * `get_<name>`, which takes `<name>_id`.
 * @param entity what Bitrix24's own methods call it: `crm.<entity>.get`.
 */
export function getRecord(name: string, { title, description, entity = name }: RecordWords) {
  const argument = `${name}_id`;
  return defineTool({
    name: `get_${name}`,
    title,
    description,
    access: 'read',
    input: z.strictObject({ [argument]: recordIdOf(`${capitalised(name)} id`) }),
    request: (args) => post(`/crm.${entity}.get`, { id: args[argument] }),
    shape: wholeRecord,
  });
}

interface RecordWords {
  readonly title: string;
  readonly description: string;
  readonly entity?: string;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
