/** Providers for the connect page, one for each kind of form, and what answers in their place. They ship nowhere. */
import type { Auth, CredentialField } from '../../../core/provider/auth.ts';
import type { TransportResponse, OutgoingRequest, Transport } from '../../../core/egress/egress.ts';
import { textAt } from '../../../core/json.ts';
import { defineProvider, type Provider } from '../../../core/provider/provider.ts';
import { get } from '../../../core/provider/request.ts';
import { exampleProvider } from '../../fakes/example-provider.ts';

const secretField = (key: string, label: string): CredentialField => ({ key, label, secret: true });

function providerOf(key: string, name: string, auth: Provider['auth']): Provider {
  return defineProvider({
    key,
    name,
    docs: 'https://example.com/docs',
    hosts: [`${key}.example.com`],
    auth,
    errors: [],
    probe: { request: get('/me'), account: (body) => textAt(body, 'name') },
    categories: {},
  });
}

const shopWay: Auth = {
  kind: 'fields',
  id: 'keys',
  label: 'Shop keys',
  fields: [
    {
      key: 'domain',
      label: 'Shop address',
      secret: false,
      pattern: '^[a-z0-9]+\\.shop\\.example$',
      example: 'acme.shop.example',
      help: 'What you see in the address bar when you are signed in.',
    },
    { ...secretField('form_key', 'Form key'), help: 'Settings > Integrations > Forms.', example: 'fk_12ab' },
    secretField('account_key', 'Account key'),
    { key: 'note', label: 'Note', secret: false, optional: true },
  ],
  derive: ({ domain = '' }) => ({ domain }),
  inject: ({ form_key = '', account_key = '' }) => ({
    baseUrl: 'https://shop.example.com',
    headers: { 'x-form-key': form_key, 'x-account-key': account_key },
  }),
};

const mailboxWay: Auth = {
  kind: 'basic',
  id: 'login',
  label: 'Login and password',
  fields: [{ key: 'login', label: 'E-mail address', secret: false }, secretField('password', 'Password')],
  derive: () => ({}),
  inject: ({ login = '', password = '' }) => ({
    baseUrl: 'https://mailbox.example.com',
    headers: { authorization: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}` },
  }),
};

const bearer = (key: string) => ({
  derive: () => ({}),
  inject: (credential: Readonly<Record<string, string>>) => ({
    baseUrl: 'https://desk.example.com',
    headers: { authorization: `Bearer ${credential[key] ?? ''}` },
  }),
});
const deskToken: Auth = {
  kind: 'api_key',
  id: 'token',
  label: 'Personal token',
  fields: [secretField('api_key', 'Personal token')],
  ...bearer('api_key'),
};
/** Shares the key `api_key` with the other way. */
const deskTeam: Auth = {
  kind: 'fields',
  id: 'team',
  label: 'Team key',
  fields: [{ key: 'team', label: 'Team', secret: false }, secretField('api_key', 'Team key')],
  ...bearer('api_key'),
};

const cloudWay: Auth = {
  kind: 'oauth2',
  id: 'oauth',
  label: 'Sign in',
  fields: [{ key: 'portal', label: 'Portal', secret: false, pattern: '^[a-z]+$', example: 'acme' }],
  derive: ({ portal = '' }) => ({ portal }),
  inject: () => ({ baseUrl: 'https://cloud.example.com' }),
  authorize: { url: () => 'https://cloud.example.com/authorize', pkce: 'S256', sendRedirectUri: true },
  token: {
    url: () => 'https://cloud.example.com/token',
    encoding: 'form',
    clientAuth: 'basic',
    sendRedirectUri: true,
  },
  refresh: { rotation: 'none', skewSeconds: 60, when: 'before_expiry', sendRedirectUri: false },
  scopes: {
    default: [],
    optional: [
      { scope: 'https://cloud.example.com/scope/archive', label: 'Read the archive too' },
      { scope: 'admin', label: 'Manage the <portal>' },
    ],
  },
};

export const providers: readonly Provider[] = [
  exampleProvider,
  providerOf('shop', 'Shop', [shopWay]),
  providerOf('mailbox', 'Mailbox', [mailboxWay]),
  providerOf('desk', 'Desk', [deskToken, deskTeam]),
  providerOf('cloud', 'Cloud', [cloudWay]),
];

/** What each provider accepts, by host. */
const ACCOUNTS: Readonly<Record<string, (headers: Readonly<Record<string, string>>) => string | undefined>> = {
  'one.example.com': ({ authorization }) => (authorization === 'Bearer tok_good' ? 'Ann Example' : undefined),
  'shop.example.com': (headers) =>
    headers['x-form-key'] === 'fk_good' && headers['x-account-key'] === 'ak_good' ? 'Acme Shop' : undefined,
  'mailbox.example.com': ({ authorization }) =>
    authorization === `Basic ${Buffer.from('ann@example.com:secret').toString('base64')}`
      ? 'ann@example.com'
      : undefined,
  'desk.example.com': ({ authorization = '' }) =>
    ({ 'Bearer personal_good': 'Ann', 'Bearer team_good': 'The team' })[authorization],
};

/** Answers for all providers; keeps what it was asked. */
export function fakeProviders(): { readonly transport: Transport; readonly asked: OutgoingRequest[] } {
  const asked: OutgoingRequest[] = [];
  return {
    asked,
    async transport(request): Promise<TransportResponse> {
      asked.push(request);
      const name = ACCOUNTS[request.url.hostname]?.(request.headers);
      const status = name === undefined ? 401 : 200;
      return { status, headers: {}, text: JSON.stringify(name === undefined ? { error: 'REVOKED' } : { name }) };
    },
  };
}
