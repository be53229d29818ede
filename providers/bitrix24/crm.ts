/**
 * The CRM categories. `crm` is what is listed at once and therefore small; the rest is found by search or by
 * category, one category for each kind of record.
 */
import type { Category } from '../../core/provider/kit.ts';
import { activityTools } from './crm-activities.ts';
import { companyTools } from './crm-companies.ts';
import { contactTools, findByPhoneOrEmail } from './crm-contacts.ts';
import { coreDealTools, dealTools } from './crm-deals.ts';
import { dictionaryTools } from './crm-dictionaries.ts';
import { estimateTools } from './crm-estimates.ts';
import { leadTools } from './crm-leads.ts';

export const crm: Category = {
  title: 'CRM',
  purpose: 'Deals and their stages; who has a phone or e-mail. More in the other crm_ categories',
  core: true,
  tools: [...coreDealTools, findByPhoneOrEmail],
};

export const crmDeals: Category = {
  title: 'CRM deals',
  purpose: 'Read one deal, create deals, change their amount, closing date or owner',
  core: false,
  tools: dealTools,
};

export const crmContacts: Category = {
  title: 'CRM contacts and companies',
  purpose: 'Customers: people and organisations, their phones, e-mails and details',
  core: false,
  tools: [...contactTools, ...companyTools],
};

export const crmLeads: Category = {
  title: 'CRM leads',
  purpose: 'Unqualified enquiries and their statuses',
  core: false,
  tools: leadTools,
};

export const crmActivities: Category = {
  title: 'CRM activities',
  purpose: 'History of calls, meetings and e-mails with a customer; to-dos, reminders and comments',
  core: false,
  tools: activityTools,
};

export const crmEstimates: Category = {
  title: 'CRM estimates',
  purpose: 'Quotes, also called commercial proposals or offers',
  core: false,
  tools: estimateTools,
};

export const crmDictionaries: Category = {
  title: 'CRM dictionaries',
  purpose: "The portal's own codes: pipelines, stages, lead statuses, sources, industries, types",
  core: false,
  tools: dictionaryTools,
};
