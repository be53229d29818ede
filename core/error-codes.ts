/**
 * The failures a tool call can end in. The codes are a contract with agents (docs/errors.md, tested both ways):
 * an agent decides by `code`, a person reads `message`, and `next` says what to do.
 */
export const ERROR_CODES = {
  not_connected: 'The provider is not connected for this user.',
  reconnect_required: 'The stored credential no longer works; the account must be connected again.',
  insufficient_scope: 'The credential lacks a permission that this action needs.',
  forbidden: 'The account behind the credential may not do this.',
  not_found: 'What the call names does not exist.',
  invalid_input: 'The arguments are wrong, or the provider refused them.',
  conflict: 'What the call changes has changed meanwhile, or exists already.',
  rate_limited: 'Too many calls right now.',
  quota_exhausted: 'A longer limit is used up, at the provider or of this key.',
  plan_required: "The provider's plan of this account does not include this.",
  provider_down: 'The provider did not answer, or answered with a failure of its own.',
  unavailable: 'Our own store, key service or sign-in service is limiting or down.',
  timeout: 'The provider took longer than 25 seconds; nothing was changed.',
  may_have_happened: 'A change was sent and no answer came: it may have happened.',
  internal: 'Something went wrong inside this endpoint.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
