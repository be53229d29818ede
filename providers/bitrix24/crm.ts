/** The CRM category: contacts, companies, leads, deals with their stages, activities and estimates. */
import type { Category } from '../../lambda/core/tool.ts';
import { activityTools } from './crm-activities.ts';
import { companyTools } from './crm-companies.ts';
import { contactTools } from './crm-contacts.ts';
import { dealTools } from './crm-deals.ts';
import { estimateTools } from './crm-estimates.ts';
import { leadTools } from './crm-leads.ts';
import { dictionaryTools } from './crm-dictionaries.ts';

export const crm: Category = {
  title: 'CRM',
  purpose: 'Contacts, companies, leads, deals and their stages, activities, comments, estimates',
  core: true,
  tools: [
    ...contactTools,
    ...companyTools,
    ...leadTools,
    ...dealTools,
    ...dictionaryTools,
    ...activityTools,
    ...estimateTools,
  ],
};
