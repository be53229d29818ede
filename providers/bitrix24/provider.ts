/**
 * Bitrix24: where it is, how one signs in, how fast it may be called, and its tools by category.
 * Facts: the vendor's REST reference (apidocs.bitrix24.com). The secret is part of the webhook's path, so a rendered
 * URL must never be shown or logged.
 */
import { defineProvider, post, type StaticAuth, textAt } from '../../core/provider/kit.ts';
import { calendar } from './calendar.ts';
import { crm, crmActivities, crmContacts, crmDeals, crmDictionaries, crmEstimates, crmLeads } from './crm.ts';
import { drive } from './drive.ts';
import { errors } from './errors.ts';
import { organization } from './organization.ts';
import { taskDetails, tasks } from './tasks.ts';
import { oauth } from './oauth.ts';
import { telephony } from './telephony.ts';
import { ZONES } from './zones.ts';

const WEBHOOK = String.raw`^https://[a-z0-9-]+\.bitrix24\.(${ZONES.join('|').replaceAll('.', String.raw`\.`)})/rest/\d+/[A-Za-z0-9]{8,64}/?$`;

const webhook: StaticAuth = {
  kind: 'api_key',
  id: 'webhook',
  label: 'Inbound webhook',
  fields: [
    {
      key: 'api_key',
      label: 'Inbound webhook URL',
      secret: true,
      pattern: WEBHOOK,
      example: 'https://acme.bitrix24.com/rest/1/xxxxxxxxxxxxxxxx/',
      help: 'In Bitrix24: Developer resources > Other > Inbound webhook. Tick crm, task and user; for more also department, calendar, telephony and disk.',
    },
  ],
  derive: ({ api_key = '' }) => {
    const [, portal = '', actingUser = ''] = /^https:\/\/([^/]+)\/rest\/(\d+)\//.exec(api_key) ?? [];
    return { portal, acting_user: actingUser };
  },
  inject: ({ api_key = '' }) => ({ baseUrl: api_key.replace(/\/+$/, '') }),
};

/** The acting user's full name; scopes that hide names leave the e-mail or the id. */
function accountOf(body: unknown): string | undefined {
  const name = ['NAME', 'LAST_NAME'].map((field) => textAt(body, `result.${field}`)?.trim() ?? '').filter(Boolean);
  if (name.length > 0) return name.join(' ');
  const userId = textAt(body, 'result.ID');
  return textAt(body, 'result.EMAIL') ?? (userId === undefined ? undefined : `user ${userId}`);
}

export const provider = defineProvider({
  key: 'bitrix24',
  name: 'Bitrix24',
  docs: 'https://apidocs.bitrix24.com/',
  // The last one only gives tokens.
  hosts: [...ZONES.map((zone) => `*.bitrix24.${zone}`), 'oauth.bitrix24.tech'],
  auth: [webhook, oauth],
  // A leaky bucket per portal and caller address: 50 at once, 2 a second. Only the Enterprise plan has more.
  rateLimit: { scope: ({ portal = '' }) => portal, capacity: 50, perSecond: 2 },
  errors,
  probe: { request: post('/user.current'), account: accountOf },
  categories: {
    crm,
    tasks,
    crm_deals: crmDeals,
    crm_contacts: crmContacts,
    crm_leads: crmLeads,
    crm_activities: crmActivities,
    crm_estimates: crmEstimates,
    crm_dictionaries: crmDictionaries,
    task_details: taskDetails,
    organization,
    calendar,
    telephony,
    drive,
  },
});
