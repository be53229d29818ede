/**
 * Google Sheets: cells by the Sheets API, files by the Drive API. Facts: Google's discovery documents for methods and
 * paths; consent parameters as commonly used. A refresh token comes with the first consent only, unless it is asked for
 * again each time, and stays the same.
 */
import {
  at,
  defineProvider,
  type ErrorRule,
  get,
  type OAuth2Auth,
  plainLine,
  type ProviderResponse,
  textAt,
} from '../../core/provider/kit.ts';
import { fileChanges, files } from './files.ts';
import { DRIVE } from './inputs.ts';
import { metadata, sheets } from './sheets.ts';
import { values } from './values.ts';

const SCOPE = 'https://www.googleapis.com/auth';

const oauth: OAuth2Auth = {
  kind: 'oauth2',
  id: 'oauth',
  label: 'Sign in with Google',
  issuer: 'https://accounts.google.com',
  fields: [],
  derive: () => ({}),
  inject: ({ access_token = '' }) => ({
    baseUrl: 'https://sheets.googleapis.com',
    headers: { authorization: `Bearer ${access_token}` },
  }),
  authorize: {
    url: () => 'https://accounts.google.com/o/oauth2/v2/auth',
    params: { access_type: 'offline', prompt: 'consent', include_granted_scopes: 'true' },
    pkce: 'S256',
    sendRedirectUri: true,
  },
  token: {
    url: () => 'https://oauth2.googleapis.com/token',
    encoding: 'form',
    clientAuth: 'body',
    sendRedirectUri: true,
  },
  refresh: { rotation: 'none', skewSeconds: 120, when: 'before_expiry', sendRedirectUri: false },
  // drive.file: the files this app made or was given. Finding any other by name needs drive.readonly.
  scopes: {
    default: [`${SCOPE}/spreadsheets`, `${SCOPE}/drive.file`],
    optional: [
      { scope: `${SCOPE}/drive.readonly`, label: 'Find and read every file of the Drive, not only those made here' },
      { scope: `${SCOPE}/drive`, label: 'Change and delete every file of the Drive, not only those made here' },
    ],
  },
  revoke: { url: () => 'https://oauth2.googleapis.com/revoke', token: 'refresh_token' },
};

const reason = ({ body }: ProviderResponse): string =>
  textAt(body, 'error.errors.0.reason') ?? textAt(body, 'error.details.0.reason') ?? '';
const words = ({ body }: ProviderResponse): string =>
  `Google refused: ${plainLine((textAt(body, 'error.message') ?? 'no reason given').replaceAll(/https?:\/\/\S+/g, '[link]'), 300)}`;

const errors: readonly ErrorRule[] = [
  { when: ({ status }) => status === 401, is: 'auth_expired' },
  {
    when: (response) =>
      response.status === 429 || (response.status === 403 && /rateLimitExceeded/i.test(reason(response))),
    is: 'rate_limited',
    say: 'Google takes about 60 reads and 60 changes a minute from one user.',
  },
  {
    when: (response) => response.status === 403 && /SCOPE_INSUFFICIENT|insufficientPermissions/i.test(reason(response)),
    is: 'insufficient_scope',
    next: 'Ask the user to connect again and to allow access to more of the Drive.',
  },
  { when: ({ status }) => status === 403, is: 'forbidden', say: words },
  {
    when: ({ status }) => status === 404,
    is: 'not_found',
    say: 'There is no such spreadsheet, or this account may not see it.',
  },
  { when: ({ status, body }) => status === 400 && at(body, 'error') !== undefined, is: 'invalid_input', say: words },
];

export const provider = defineProvider({
  key: 'google_sheets',
  name: 'Google Sheets',
  docs: 'https://developers.google.com/workspace/sheets/api',
  hosts: ['sheets.googleapis.com', 'www.googleapis.com', 'oauth2.googleapis.com', 'accounts.google.com'],
  auth: [oauth],
  errors,
  probe: {
    request: { ...get('/drive/v3/about', { fields: 'user(displayName,emailAddress)' }), base: DRIVE },
    account: (body) => textAt(body, 'user.emailAddress') ?? textAt(body, 'user.displayName'),
  },
  categories: { values, files, metadata, sheets, file_changes: fileChanges },
});
