/**
 * Deals. A stage the deal's pipeline does not have is accepted and ignored (or, on creation, replaced by the first
 * one), so every stage that is set is read back.
 */
import * as z from 'zod';
import { defineTool, line, post } from '../../core/provider/kit.ts';
import { getRecord } from './crm-record.ts';
import { accepted, created, pagedList, project, readBack } from './responses.ts';
import {
  amount,
  changesSomething,
  code,
  date,
  recordIdOf,
  idOrZero,
  NOTHING_TO_CHANGE,
  responsibleId,
  text,
} from './inputs.ts';

const dealId = recordIdOf('Deal id');
const companyId = recordIdOf('Company id').optional();
const contactId = recordIdOf('Contact id').optional();
const pipelineId = idOrZero('From list_pipelines; 0: default').optional();
const opportunity = amount('Amount').optional();
const currencyId = code('Currency, e.g. USD').optional();
const sourceId = code('Source code from list_crm_values').optional();
const closeDate = date('Expected closing date').optional();
const comments = text('Comment on the record').optional();

const listDeals = defineTool({
  name: 'list_deals',
  title: 'Find deals',
  description: 'Deals, newest first, that match every filter.',
  access: 'read',
  input: z.strictObject({
    query: line('Part of the title').optional(),
    stage_id: code('e.g. NEW or C2:WON').optional(),
    pipeline_id: pipelineId,
    company_id: companyId,
    contact_id: contactId,
    responsible_id: responsibleId,
  }),
  request: (args) =>
    post('/crm.deal.list', {
      filter: {
        '%TITLE': args.query,
        STAGE_ID: args.stage_id,
        CATEGORY_ID: args.pipeline_id,
        COMPANY_ID: args.company_id,
        CONTACT_ID: args.contact_id,
        ASSIGNED_BY_ID: args.responsible_id,
      },
      select: [
        'ID',
        'TITLE',
        'STAGE_ID',
        'CATEGORY_ID',
        'OPPORTUNITY',
        'CURRENCY_ID',
        'COMPANY_ID',
        'CONTACT_ID',
        'ASSIGNED_BY_ID',
        'CLOSEDATE',
        'DATE_CREATE',
      ],
      order: { ID: 'DESC' },
    }),
  shape: pagedList(
    project({
      ids: { id: 'ID', company_id: 'COMPANY_ID', contact_id: 'CONTACT_ID', responsible_id: 'ASSIGNED_BY_ID' },
      rest: {
        title: 'TITLE',
        stage_id: 'STAGE_ID',
        pipeline_id: 'CATEGORY_ID',
        opportunity: 'OPPORTUNITY',
        currency_id: 'CURRENCY_ID',
        close_date: 'CLOSEDATE',
        created_at: 'DATE_CREATE',
      },
    }),
  ),
});

const getDeal = getRecord('deal', {
  title: 'Get a deal',
  description: 'One deal with all its fields, custom ones (UF_CRM_...) too.',
});

const createDeal = defineTool({
  name: 'create_deal',
  title: 'Create a deal',
  description:
    'Create a deal. Without stage_id it lands in the first stage of the pipeline; a stage of another pipeline does too, which applied then shows. Returns the new id.',
  access: 'write',
  input: z.strictObject({
    title: line('Title'),
    company_id: companyId,
    contact_id: contactId,
    opportunity,
    currency_id: currencyId,
    pipeline_id: pipelineId,
    stage_id: code('Stage code from list_deal_stages').optional(),
    source_id: sourceId,
    close_date: closeDate,
    responsible_id: responsibleId,
    comments,
  }),
  request: (args) =>
    post('/crm.deal.add', {
      fields: {
        TITLE: args.title,
        COMPANY_ID: args.company_id,
        CONTACT_IDS: args.contact_id === undefined ? undefined : [args.contact_id],
        OPPORTUNITY: args.opportunity,
        CURRENCY_ID: args.currency_id,
        CATEGORY_ID: args.pipeline_id,
        STAGE_ID: args.stage_id,
        SOURCE_ID: args.source_id,
        CLOSEDATE: args.close_date,
        ASSIGNED_BY_ID: args.responsible_id,
        COMMENTS: args.comments,
      },
    }),
  shape: created,
  verify: (args, item) =>
    readBack(
      'get_deal',
      { deal_id: item['id'] },
      {
        STAGE_ID: args.stage_id,
        CATEGORY_ID: args.pipeline_id,
        COMPANY_ID: args.company_id,
        CURRENCY_ID: args.currency_id,
        SOURCE_ID: args.source_id,
        ASSIGNED_BY_ID: args.responsible_id,
      },
    ),
});

const updateDeal = defineTool({
  name: 'update_deal',
  title: 'Update a deal',
  description:
    'Change fields of a deal; for the stage use update_deal_stage. An amount is ignored while it is computed from the products of the deal: see applied.',
  access: 'write',
  input: z
    .strictObject({
      deal_id: dealId,
      title: line('Title').optional(),
      company_id: companyId,
      opportunity,
      currency_id: currencyId,
      source_id: sourceId,
      close_date: closeDate,
      responsible_id: responsibleId,
      comments,
    })
    .refine(changesSomething, NOTHING_TO_CHANGE),
  request: (args) =>
    post('/crm.deal.update', {
      id: args.deal_id,
      fields: {
        TITLE: args.title,
        COMPANY_ID: args.company_id,
        OPPORTUNITY: args.opportunity,
        CURRENCY_ID: args.currency_id,
        SOURCE_ID: args.source_id,
        CLOSEDATE: args.close_date,
        ASSIGNED_BY_ID: args.responsible_id,
        COMMENTS: args.comments,
      },
    }),
  shape: accepted,
  verify: (args) =>
    readBack(
      'get_deal',
      { deal_id: args.deal_id },
      {
        TITLE: args.title,
        COMPANY_ID: args.company_id,
        OPPORTUNITY: args.opportunity,
        CURRENCY_ID: args.currency_id,
        SOURCE_ID: args.source_id,
        ASSIGNED_BY_ID: args.responsible_id,
      },
    ),
});

const updateDealStage = defineTool({
  name: 'update_deal_stage',
  title: 'Move a deal to a stage',
  description: 'Set the stage of a deal, won and lost too. One its pipeline lacks is ignored: see applied.',
  access: 'write',
  idempotent: true,
  input: z.strictObject({ deal_id: dealId, stage_id: code('From list_deal_stages') }),
  request: ({ deal_id, stage_id }) => post('/crm.deal.update', { id: deal_id, fields: { STAGE_ID: stage_id } }),
  shape: accepted,
  verify: ({ deal_id, stage_id }) => ({ tool: 'get_deal', args: { deal_id }, expect: { STAGE_ID: stage_id } }),
});

/** What is done with deals all day; listed at once. */
export const coreDealTools = [listDeals, updateDealStage];
export const dealTools = [getDeal, createDeal, updateDeal];
