/**
 * What Bitrix24's errors mean. They come as `{error, error_description}` with any HTTP status, 200 included, and the
 * code is often empty, a number, or the same word for different things, so the order of the rules matters.
 * Facts: the vendor's tables of system errors and limits, and the error tables of the methods used here.
 */
import { at, type ErrorRule, plainLine, type ProviderResponse, textAt } from '../../core/provider/kit.ts';

const LONGEST_QUOTE = 300;
/** A manual block and a closed portal last until a person acts: trying again at once only adds load. */
const AN_HOUR = 3_600;
/** The window over which Bitrix24 adds up a method's execution time. */
const TEN_MINUTES = 600;

function codeOf({ body }: ProviderResponse): string | undefined {
  return textAt(body, 'error');
}

function descriptionOf({ body }: ProviderResponse): string {
  return textAt(body, 'error_description') ?? '';
}

/** The provider's words as plain text: tags, links and control characters out, length bounded. */
function quote(response: ProviderResponse): string {
  const bare = descriptionOf(response)
    .replaceAll(/<[^>]{0,100}>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll(/https?:\/\/\S+/g, '[link]');
  const plain = plainLine(bare, LONGEST_QUOTE);
  const code = codeOf(response) ?? '';
  if (plain === '') return code === '' ? 'Bitrix24 refused the call.' : `Bitrix24 refused: ${plainLine(code, 60)}`;
  return `Bitrix24 refused: ${plain}`;
}

function isCode(...codes: readonly string[]): (response: ProviderResponse) => boolean {
  return (response) => {
    const code = codeOf(response);
    return code !== undefined && codes.includes(code);
  };
}

function says(pattern: RegExp): (response: ProviderResponse) => boolean {
  return (response) => at(response.body, 'error') !== undefined && pattern.test(descriptionOf(response));
}

function both(...tests: readonly ((response: ProviderResponse) => boolean)[]): (response: ProviderResponse) => boolean {
  return (response) => tests.every((test) => test(response));
}

const ABOUT_ACCESS = /access denied|доступ запрещ|недостаточно прав|not enough (rights|permissions)/i;
const RECONNECT =
  'Ask the user to create a new inbound webhook in Bitrix24 and to connect it again with connect_provider.';

/** How long a blocked method stays blocked. The time of the reset is documented for answers, the wait is our bound. */
function untilOperatingReset({ body }: ProviderResponse, now: number): number {
  const reset = Number(textAt(body, 'time.operating_reset_at'));
  const seconds = Math.ceil(reset - now / 1000);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, TEN_MINUTES) : TEN_MINUTES;
}

const limits: readonly ErrorRule[] = [
  {
    when: isCode('QUERY_LIMIT_EXCEEDED'),
    is: 'rate_limited',
    say: 'Bitrix24 is throttling this portal: it takes about 2 calls a second.',
    retryAfter: () => 2,
  },
  {
    when: isCode('OPERATION_TIME_LIMIT'),
    is: 'quota_exhausted',
    say: 'Bitrix24 has blocked this one action for some minutes: it used up its execution time. Others still work.',
    retryAfter: untilOperatingReset,
  },
  {
    when: isCode('OVERLOAD_LIMIT'),
    is: 'provider_down',
    say: 'Bitrix24 has blocked the REST API of this portal because of overload.',
    next: 'Tell the user that only Bitrix24 support can lift this block.',
    retryAfter: () => AN_HOUR,
  },
  {
    when: isCode('PORTAL_DELETED'),
    is: 'provider_down',
    say: 'This Bitrix24 portal is closed or was deleted.',
    next: 'Ask the user to check with the administrator of the portal.',
    retryAfter: () => AN_HOUR,
  },
];

const credentials: readonly ErrorRule[] = [
  { when: isCode('expired_token'), is: 'auth_expired', say: 'The Bitrix24 webhook has expired.', next: RECONNECT },
  {
    when: isCode('NO_AUTH_FOUND', 'invalid_token'),
    is: 'reconnect_required',
    say: 'Bitrix24 does not know this webhook: it was deleted or re-created.',
    next: RECONNECT,
  },
  {
    // Documented with 403 for missing rights only; a 401 cannot mean that, so it is taken for a dead webhook.
    when: both(isCode('INVALID_CREDENTIALS'), ({ status }) => status === 401),
    is: 'reconnect_required',
    say: 'Bitrix24 does not accept this webhook.',
    next: RECONNECT,
  },
  {
    when: isCode('INVALID_CREDENTIALS'),
    is: 'forbidden',
    say: 'The Bitrix24 user behind this webhook may not do that.',
  },
  {
    when: isCode('insufficient_scope'),
    is: 'insufficient_scope',
    say: 'The Bitrix24 webhook lacks the permission (scope) this action needs.',
    next: 'Ask the user to tick the scope in the webhook: crm, task, user, department, calendar, telephony or disk.',
  },
  {
    when: isCode('user_access_error', 'allowed_only_intranet_user'),
    is: 'forbidden',
    say: 'This Bitrix24 user has no access to that.',
  },
  {
    when: isCode('WRONG_AUTH_TYPE'),
    is: 'forbidden',
    say: 'Bitrix24 allows this to installed applications only, not to webhooks.',
    next: 'Tell the user that a webhook cannot do this.',
  },
];

const plan: readonly ErrorRule[] = [
  { when: both(isCode('ACCESS_DENIED'), says(/\bplans?\b|тариф/i)), is: 'plan_required', say: quote },
  { when: isCode('PAYMENT_REQUIRED'), is: 'plan_required', say: 'The Bitrix24 plan of this portal is not paid for.' },
  { when: isCode('ACCESS_DENIED'), is: 'forbidden', say: quote },
  {
    when: isCode('ERROR_METHOD_NOT_FOUND', 'ERROR_MANIFEST_IS_NOT_AVAILABLE'),
    is: 'plan_required',
    say: 'This Bitrix24 portal does not have this action: its edition or version lacks it.',
  },
];

const methods: readonly ErrorRule[] = [
  { when: both(isCode('0'), says(/wrong task id/i)), is: 'invalid_input', say: quote },
  {
    // Tasks answer one and the same code, in the portal's language, for all three.
    when: isCode('0'),
    is: 'forbidden',
    say: 'Bitrix24 does not allow this on the task: it does not exist, this user cannot see it, or may not change it so.',
    next: 'Read the task first; if that works, ask the user for the right to change it.',
  },
  { when: both(isCode('ERROR_CORE'), says(ABOUT_ACCESS)), is: 'forbidden', say: quote },
  { when: isCode('ERROR_CORE'), is: 'invalid_input', say: quote },
  { when: isCode('ERROR_NOT_FOUND', 'NOT_FOUND', 'OWNER_NOT_FOUND'), is: 'not_found', say: quote },
  { when: says(/not found|could not find entity|не найден/i), is: 'not_found', say: quote },
  { when: says(ABOUT_ACCESS), is: 'forbidden', say: quote },
];

/** A failure of the portal itself with HTTP 5xx is left to the engine, which knows whether a change was sent. */
const isBelow500 = ({ status }: ProviderResponse): boolean => status < 500;

const rest: readonly ErrorRule[] = [
  { when: both(isCode('INTERNAL_SERVER_ERROR', 'ERROR_UNEXPECTED_ANSWER'), isBelow500), is: 'provider_down' },
  { when: both((response) => at(response.body, 'error') !== undefined, isBelow500), is: 'invalid_input', say: quote },
];

export const errors: readonly ErrorRule[] = [...limits, ...credentials, ...plan, ...methods, ...rest];
