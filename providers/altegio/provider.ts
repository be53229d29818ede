/**
 * Altegio: two tokens in one header, and a location in almost every path. Facts: a public client of the same API and the
 * vendor's limits; paths marked from memory there are untested against the vendor.
 */
import {
  at,
  defineProvider,
  get,
  plainLine,
  type ProviderResponse,
  type StaticAuth,
  textAt,
} from '../../core/provider/kit.ts';
import { appointments, clients, services, staff } from './tools.ts';

const tokens: StaticAuth = {
  kind: 'fields',
  id: 'tokens',
  label: 'Partner and user token',
  fields: [
    { key: 'partner_token', label: 'Partner token', secret: true, help: 'In the developer account: Account settings.' },
    { key: 'user_token', label: 'User token', secret: true },
    {
      key: 'company_id',
      label: 'Location id',
      secret: false,
      pattern: String.raw`^[1-9]\d{0,11}$`,
      example: '123456',
      help: 'The number in the address of the location.',
    },
  ],
  derive: ({ company_id = '' }) => ({ company_id }),
  inject: ({ partner_token = '', user_token = '' }) => ({
    baseUrl: 'https://api.alteg.io/api/v1',
    headers: {
      authorization: `Bearer ${partner_token}, User ${user_token}`,
      accept: 'application/vnd.api.v2+json',
    },
  }),
};

const failed = ({ body }: ProviderResponse): boolean => at(body, 'success') === false;
const words = ({ body }: ProviderResponse): string => plainLine(textAt(body, 'meta.message') ?? 'no reason given', 300);

export const provider = defineProvider({
  key: 'altegio',
  name: 'Altegio',
  docs: 'https://developer.alteg.io/',
  level: 'unverified',
  hosts: ['api.alteg.io'],
  auth: [tokens],
  // 200 a minute and 5 in any second, a burst included, counted by the caller's address.
  rateLimit: { scope: () => 'api', capacity: 2, perSecond: 3 },
  errors: [
    { when: ({ status }) => status === 401, is: 'reconnect_required' },
    { when: ({ status }) => status === 429, is: 'rate_limited', retryAfter: () => 1 },
    {
      when: (response) => response.status === 403 && /rights/i.test(words(response)),
      is: 'insufficient_scope',
      say: (response) => `Altegio refused: ${words(response)}`,
      next: 'Ask the user to give the user token the right for this location.',
    },
    { when: ({ status }) => status === 404, is: 'not_found' },
    {
      when: (response) => failed(response) && response.status < 500,
      is: 'invalid_input',
      say: (response) => `Altegio refused: ${words(response)}`,
    },
  ],
  probe: { request: get('/company/{company_id}'), account: (body) => textAt(body, 'data.title') },
  categories: { appointments, clients, services, staff },
});
