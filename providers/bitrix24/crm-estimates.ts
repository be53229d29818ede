/** Estimates (commercial offers), read only. */
import * as z from 'zod';
import { defineTool, line, post } from '../../core/provider/kit.ts';
import { getRecord } from './crm-record.ts';
import { pagedList, project } from './responses.ts';
import { code, recordIdOf } from './inputs.ts';

const listEstimates = defineTool({
  name: 'list_estimates',
  title: 'Find estimates',
  description: 'Find estimates (commercial offers), newest first.',
  access: 'read',
  input: z.strictObject({
    query: line('Part of the title').optional(),
    status_id: code('From list_crm_values').optional(),
    company_id: recordIdOf('Company id').optional(),
  }),
  request: (args) =>
    post('/crm.quote.list', {
      filter: { '%TITLE': args.query, STATUS_ID: args.status_id, COMPANY_ID: args.company_id },
      select: ['ID', 'TITLE', 'STATUS_ID', 'OPPORTUNITY', 'CURRENCY_ID', 'COMPANY_ID', 'ASSIGNED_BY_ID', 'CLOSEDATE'],
      order: { ID: 'DESC' },
    }),
  shape: pagedList(
    project({
      ids: { id: 'ID', company_id: 'COMPANY_ID', responsible_id: 'ASSIGNED_BY_ID' },
      rest: {
        title: 'TITLE',
        status_id: 'STATUS_ID',
        opportunity: 'OPPORTUNITY',
        currency_id: 'CURRENCY_ID',
        close_date: 'CLOSEDATE',
      },
    }),
  ),
});

const getEstimate = getRecord('estimate', {
  title: 'Get an estimate',
  description: 'Read one estimate with all its fields.',
  entity: 'quote',
});

export const estimateTools = [listEstimates, getEstimate];
