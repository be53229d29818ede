/**
 * iiko Cloud: an API login that is exchanged for a token of about an hour. Facts: types generated from the vendor's
 * OpenAPI file by a public client; token life and error shape are from memory. All ids are UUIDs.
 */
import { defineProvider, plainLine, post, textAt, type TokenExchangeAuth } from '../../core/provider/kit.ts';
import { menu, orders, organizations } from './tools.ts';

const ADDRESS = 'https://api-ru.iiko.services';

const apiLogin: TokenExchangeAuth = {
  kind: 'token_exchange',
  id: 'api_login',
  label: 'API login',
  fields: [{ key: 'api_key', label: 'API login', secret: true, help: 'In iikoWeb: Cloud API settings > API logins.' }],
  derive: () => ({}),
  inject: ({ access_token = '' }) => ({ baseUrl: ADDRESS, headers: { authorization: `Bearer ${access_token}` } }),
  exchange: {
    url: () => `${ADDRESS}/api/1/access_token`,
    body: ({ api_key = '' }) => ({ apiLogin: api_key }),
    token: (body) => {
      const token = textAt(body, 'token');
      return token === undefined ? undefined : { token, expiresIn: 3_600 };
    },
    refused: ({ status }) => status === 401,
  },
  skewSeconds: 300,
};

export const provider = defineProvider({
  key: 'iiko',
  name: 'iiko Cloud',
  docs: 'https://api-ru.iiko.services/docs',
  level: 'unverified',
  hosts: ['api-ru.iiko.services'],
  auth: [apiLogin],
  errors: [
    { when: ({ status }) => status === 401, is: 'auth_expired' },
    {
      when: ({ status, body }) => status >= 400 && status < 500 && textAt(body, 'errorDescription') !== undefined,
      is: 'invalid_input',
      say: ({ body }) => `iiko refused: ${plainLine(textAt(body, 'errorDescription') ?? '', 300)}`,
    },
  ],
  probe: { request: post('/api/1/organizations'), account: (body) => textAt(body, 'organizations.0.name') },
  categories: { organizations, menu, orders },
});
