/**
 * Signing in to Bitrix24 by an application. Facts: the vendor's OAuth reference. Consent is given on the portal; codes
 * live 30 seconds; tokens come by GET from a host of the vendor; each answer brings a new refresh token; the API's
 * address is in the answer, and the token is a parameter. Apps that refresh before they are told to get blocked.
 */
import { type OAuth2Auth, textAt } from '../../core/provider/kit.ts';
import { PORTAL } from './zones.ts';

const HOST = new RegExp(`^${PORTAL}$`);
const ENDPOINT = new RegExp(`^https://(${PORTAL})/rest/$`);

export const oauth: OAuth2Auth = {
  kind: 'oauth2',
  id: 'oauth',
  label: 'Sign in with Bitrix24',
  fields: [
    {
      key: 'portal',
      label: 'Portal address',
      secret: false,
      pattern: `^${PORTAL}$`,
      example: 'acme.bitrix24.com',
      help: 'The address of your Bitrix24, without https://',
    },
  ],
  derive: ({ portal = '' }) => ({ portal }),
  inject: ({ access_token = '' }, { client_endpoint = '' }) => ({
    baseUrl: client_endpoint,
    body: { auth: access_token },
  }),
  // Permissions are chosen on the application's card, where the redirect address is too.
  authorize: {
    url: ({ portal = '' }) => `https://${portal}/oauth/authorize/`,
    pkce: 'none',
    sendRedirectUri: false,
  },
  token: {
    url: () => 'https://oauth.bitrix24.tech/oauth/token/',
    encoding: 'query',
    clientAuth: 'body',
    sendRedirectUri: false,
  },
  refresh: { rotation: 'rotating', skewSeconds: 0, when: 'when_refused', sendRedirectUri: false },
  capture: {
    callback: ({ domain = '' }) => (HOST.test(domain) ? { portal: domain } : undefined),
    token: (body) => {
      const endpoint = textAt(body, 'client_endpoint') ?? '';
      const [, portal] = ENDPOINT.exec(endpoint) ?? [];
      const memberId = textAt(body, 'member_id');
      const user = textAt(body, 'user_id');
      if (portal === undefined || memberId === undefined) return undefined;
      return {
        client_endpoint: endpoint,
        portal,
        member_id: memberId,
        ...(user === undefined ? {} : { acting_user: user }),
      };
    },
  },
  scopes: { default: [] },
  sameAccount: (before, now) =>
    before.facts['member_id'] === now.facts['member_id'] && before.facts['acting_user'] === now.facts['acting_user'],
};
