/**
 * Kommo: where it is, how one signs in, and its tools by category. Facts: developers.kommo.com (tokens, limits), the
 * vendor's own PHP client (paths, single-use refresh tokens). The token endpoint is on the account's own host, which
 * the callback names: it is checked against `hosts` before the client secret goes there.
 */
import {
  defineProvider,
  type ErrorRule,
  get,
  type OAuth2Auth,
  plainLine,
  type ProviderResponse,
  type StaticAuth,
  textAt,
} from '../../core/provider/kit.ts';
import { leads } from './leads.ts';
import { contacts, pipelines, taskTools, unsorted, users } from './records.ts';

const HOST = /^[a-z0-9-]{2,60}\.kommo\.com$/;
const bearer = ({ access_token = '' }, { host = '' }) => ({
  baseUrl: `https://${host}`,
  headers: { authorization: `Bearer ${access_token}` },
});

const oauth: OAuth2Auth = {
  kind: 'oauth2',
  id: 'oauth',
  label: 'Sign in with Kommo',
  fields: [],
  derive: () => ({}),
  inject: bearer,
  // Permissions are chosen on the integration's card. `popup` sends the window itself back to us.
  authorize: {
    url: () => 'https://www.kommo.com/oauth',
    params: { mode: 'popup' },
    pkce: 'none',
    sendRedirectUri: false,
  },
  token: {
    url: ({ host = '' }) => `https://${host}/oauth2/access_token`,
    encoding: 'json',
    clientAuth: 'body',
    sendRedirectUri: true,
  },
  refresh: {
    rotation: 'single_use',
    skewSeconds: 600,
    when: 'before_expiry',
    sendRedirectUri: true,
    refused: ({ status, body }) => status === 401 && /revoked|expired/i.test(textAt(body, 'hint') ?? ''),
  },
  capture: { callback: ({ referer = '' }) => (HOST.test(referer) ? { host: referer } : undefined) },
  scopes: { default: [] },
  sameAccount: (before, now) => before.facts['host'] === now.facts['host'],
};

const longLivedToken: StaticAuth = {
  kind: 'fields',
  id: 'long_lived_token',
  label: 'Long-lived token of a private integration',
  fields: [
    { key: 'subdomain', label: 'Subdomain', secret: false, pattern: '^[a-z0-9-]{2,60}$', example: 'acme' },
    {
      key: 'access_token',
      label: 'Long-lived token',
      secret: true,
      help: 'In Kommo: Settings > Integrations > your private integration > Keys and scopes.',
    },
  ],
  derive: ({ subdomain = '' }) => ({ host: `${subdomain}.kommo.com` }),
  inject: bearer,
};

const says =
  (path: string) =>
  (response: ProviderResponse): string =>
    `Kommo refused: ${plainLine(textAt(response.body, path) ?? 'no reason given', 300)}`;
const PROBLEM = 'validation-errors.0.errors.0';

const errors: readonly ErrorRule[] = [
  { when: ({ status }) => status === 401, is: 'auth_expired' },
  { when: ({ status }) => status === 402, is: 'plan_required', say: 'The Kommo account is not paid.' },
  {
    when: ({ status, body }) => status === 403 && /block/i.test(textAt(body, 'detail') ?? ''),
    is: 'provider_down',
    say: 'Kommo has blocked this address for too many calls.',
  },
  { when: ({ status }) => status === 403, is: 'forbidden', say: says('detail') },
  {
    when: ({ status }) => status === 429,
    is: 'rate_limited',
    say: 'Kommo takes 7 calls a second.',
    retryAfter: () => 1,
  },
  {
    when: ({ status, body }) => status === 400 && textAt(body, `${PROBLEM}.detail`) !== undefined,
    is: 'invalid_input',
    say: ({ body }) =>
      `Kommo refused ${plainLine(textAt(body, `${PROBLEM}.path`) ?? 'a value', 80)}: ${plainLine(textAt(body, `${PROBLEM}.detail`) ?? '', 300)}`,
    next: 'A status_id must belong to its pipeline_id: see kommo_list_pipelines.',
  },
];

export const provider = defineProvider({
  key: 'kommo',
  name: 'Kommo',
  docs: 'https://developers.kommo.com/',
  level: 'unverified',
  hosts: ['*.kommo.com'],
  auth: [oauth, longLivedToken],
  // At most 7 calls in any second; going on above that ends in a block of the caller's address. So there is no burst.
  rateLimit: { scope: ({ host = '' }) => host, capacity: 1, perSecond: 6 },
  errors,
  probe: { request: get('/api/v4/account'), account: (body) => textAt(body, 'name') },
  categories: { leads, contacts, pipelines, unsorted, tasks: taskTools, users },
});
