/**
 * Call history, read only. Registering a call is left out: Bitrix24 allows it to installed applications and answers
 * WRONG_AUTH_TYPE to a webhook.
 */
import * as z from 'zod';
import { type Category, defineTool, line, post } from '../../core/provider/kit.ts';
import { pagedList, project } from './responses.ts';
import { dateTime, recordIdOf } from './inputs.ts';

const CALL_TYPES = { outgoing: 1, incoming: 2, forwarded: 3, callback: 4, announcement: 5 } as const;
const MISSED = '304';

const listCalls = defineTool({
  name: 'list_calls',
  title: 'List calls',
  description:
    'Call history, newest first. result_code 200 is a successful call, 304 a missed one. Links to recordings are left out: they hold a credential.',
  access: 'read',
  input: z.strictObject({
    phone: line('Exact number of the other party', 50).optional(),
    user_id: recordIdOf('Employee who took or made the call').optional(),
    direction: z.enum(['outgoing', 'incoming', 'forwarded', 'callback', 'announcement']).describe('Kind').optional(),
    missed: z.boolean().describe('Only missed calls').optional(),
    from_datetime: dateTime('Started at or after').optional(),
    to_datetime: dateTime('Started before').optional(),
  }),
  request: (args) =>
    post('/voximplant.statistic.get', {
      FILTER: {
        PHONE_NUMBER: args.phone,
        PORTAL_USER_ID: args.user_id,
        CALL_TYPE: args.direction === undefined ? undefined : CALL_TYPES[args.direction],
        CALL_FAILED_CODE: args.missed === true ? MISSED : undefined,
        '>=CALL_START_DATE': args.from_datetime,
        '<CALL_START_DATE': args.to_datetime,
      },
      SORT: 'CALL_START_DATE',
      ORDER: 'DESC',
    }),
  shape: pagedList(
    project({
      ids: {
        id: 'ID',
        user_id: 'PORTAL_USER_ID',
        crm_record_id: 'CRM_ENTITY_ID',
        activity_id: 'CRM_ACTIVITY_ID',
        recording_file_id: 'RECORD_FILE_ID',
      },
      rest: {
        call_id: 'CALL_ID',
        phone: 'PHONE_NUMBER',
        call_type: 'CALL_TYPE',
        started_at: 'CALL_START_DATE',
        seconds: 'CALL_DURATION',
        result_code: 'CALL_FAILED_CODE',
        result: 'CALL_FAILED_REASON',
        crm_record_type: 'CRM_ENTITY_TYPE',
        comment: 'COMMENT',
      },
    }),
  ),
});

export const telephony: Category = {
  title: 'Telephony',
  purpose: 'Call history: who called whom, missed calls',
  core: false,
  tools: [listCalls],
};
