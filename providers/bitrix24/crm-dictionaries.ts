/** The portal's own lists: pipelines, stages, statuses and other codes. Administrators rename and add them freely. */
import * as z from 'zod';
import { defineTool, post, type ToolRequest } from '../../core/provider/kit.ts';
import { project, wholeList } from './responses.ts';
import { idOrZero } from './inputs.ts';

const DEAL_TYPE = 2;

const DICTIONARIES = {
  source: 'SOURCE',
  industry: 'INDUSTRY',
  company_type: 'COMPANY_TYPE',
  contact_type: 'CONTACT_TYPE',
  deal_type: 'DEAL_TYPE',
  estimate_status: 'QUOTE_STATUS',
} as const;

type Dictionary = keyof typeof DICTIONARIES;
const NAMES = Object.keys(DICTIONARIES) as [Dictionary, ...Dictionary[]];

function statuses(entity: string): ToolRequest {
  return post('/crm.status.list', { filter: { ENTITY_ID: entity }, order: { SORT: 'ASC' } });
}

const listPipelines = defineTool({
  name: 'list_pipelines',
  title: 'List deal pipelines',
  description: 'Ids and names of the deal pipelines (funnels).',
  access: 'read',
  input: z.strictObject({}),
  request: () => post('/crm.category.list', { entityTypeId: DEAL_TYPE }),
  shape: wholeList(
    project({ ids: {}, rest: { pipeline_id: 'id', name: 'name', is_default: 'isDefault' } }),
    'result.categories',
  ),
});

const listDealStages = defineTool({
  name: 'list_deal_stages',
  title: 'List the stages of a pipeline',
  description:
    'Stage codes and names of one deal pipeline, in order. meaning says which are process, success or failure. Read it before setting a stage: portals rename them.',
  access: 'read',
  input: z.strictObject({ pipeline_id: idOrZero('Pipeline id; 0 or none: the default pipeline').optional() }),
  request: ({ pipeline_id = 0 }) => statuses(pipeline_id === 0 ? 'DEAL_STAGE' : `DEAL_STAGE_${pipeline_id}`),
  shape: wholeList(project({ ids: {}, rest: { stage_id: 'STATUS_ID', name: 'NAME', meaning: 'EXTRA.SEMANTICS' } })),
});

const listLeadStatuses = defineTool({
  name: 'list_lead_statuses',
  title: 'List lead statuses',
  description: 'Status codes and names of leads, in order.',
  access: 'read',
  input: z.strictObject({}),
  request: () => statuses('STATUS'),
  shape: wholeList(project({ ids: {}, rest: { status_id: 'STATUS_ID', name: 'NAME', meaning: 'EXTRA.SEMANTICS' } })),
});

const listCrmValues = defineTool({
  name: 'list_crm_values',
  title: 'List codes of a CRM field',
  description: 'Codes and names this portal uses for sources, industries and types. Fields take the code.',
  access: 'read',
  input: z.strictObject({ field: z.enum(NAMES).describe('Which list') }),
  request: ({ field }) => statuses(DICTIONARIES[field]),
  shape: wholeList(project({ ids: {}, rest: { code: 'STATUS_ID', name: 'NAME' } })),
});

export const dictionaryTools = [listPipelines, listDealStages, listLeadStatuses, listCrmValues];
