/** How a consent can end without a connection. Each says in words what happened and what to do. */
import type { ErrorCode } from '../error-codes.ts';
import { type Fault, fault } from '../fault.ts';
import type { PendingGrant } from './pending.ts';

export const CONSENT_PROBLEMS = [
  'unknown_state',
  'wrong_browser',
  'wrong_redirect',
  'wrong_issuer',
  'consent_denied',
  'provider_refused',
  'bad_callback',
  'forbidden_host',
  'expired_code',
  'missing_scope',
  'wrong_account',
  'no_app',
  'app_refused',
  'not_proved',
  'no_answer',
] as const;
export type ConsentProblem = (typeof CONSENT_PROBLEMS)[number];

export interface ConsentFault extends Fault {
  readonly problem: ConsentProblem;
  /** What it was about, once that is known, so that the page can lead back to where it began. */
  readonly grant?: PendingGrant | undefined;
}

interface Words {
  readonly code: ErrorCode;
  readonly message: (provider: string) => string;
  readonly next: string;
}

const AGAIN = 'Start again with connect_provider.';
const OPERATOR = 'Tell the operator of this endpoint; the user can do nothing about it.';

const WORDS: Readonly<Record<ConsentProblem, Words>> = {
  unknown_state: {
    code: 'invalid_input',
    message: () => 'This sign-in was already used, has expired, or did not begin here.',
    next: AGAIN,
  },
  wrong_browser: {
    code: 'forbidden',
    message: () => 'This sign-in began in another browser, so nothing was connected.',
    next: `${AGAIN} Open the link and give consent in the same browser, with cookies allowed.`,
  },
  wrong_redirect: {
    code: 'forbidden',
    message: () => 'This sign-in came back to another address than it began with, so nothing was connected.',
    next: AGAIN,
  },
  wrong_issuer: {
    code: 'forbidden',
    message: (p) => `The answer did not come from ${p}, so nothing was connected.`,
    next: `${AGAIN} If it happens again, tell the operator of this endpoint.`,
  },
  consent_denied: {
    code: 'forbidden',
    message: (p) => `Consent was not given at ${p}, so nothing was connected.`,
    next: 'Ask the user whether to try again; if so, call connect_provider.',
  },
  provider_refused: {
    code: 'invalid_input',
    message: (p) => `${p} refused the sign-in.`,
    next: `${AGAIN} If it happens again, tell the operator of this endpoint.`,
  },
  bad_callback: {
    code: 'invalid_input',
    message: (p) => `${p} sent the browser back without what is needed to go on.`,
    next: AGAIN,
  },
  forbidden_host: {
    code: 'forbidden',
    message: (p) => `The answer names an address that does not belong to ${p}. Nothing was sent there.`,
    next: `${AGAIN} Check the address of the account.`,
  },
  expired_code: {
    code: 'invalid_input',
    message: (p) => `${p} says that the consent has expired or was used before.`,
    next: `${AGAIN} Give consent without waiting on the last page.`,
  },
  missing_scope: {
    code: 'insufficient_scope',
    message: (p) => `At ${p} not every permission was given that this connection needs.`,
    next: `${AGAIN} Leave every box ticked on the consent page.`,
  },
  wrong_account: {
    code: 'conflict',
    message: (p) => `Consent was given with another ${p} account than the one connected under this name.`,
    next: 'Sign in with that account, connect this one under another name, or disconnect the old one first.',
  },
  no_app: {
    code: 'forbidden',
    message: (p) => `No OAuth app is set up here for ${p}.`,
    next: OPERATOR,
  },
  app_refused: {
    code: 'forbidden',
    message: (p) => `${p} does not accept the OAuth app that is set up here.`,
    next: OPERATOR,
  },
  not_proved: {
    code: 'invalid_input',
    message: (p) => `${p} gave a sign-in that it then did not accept.`,
    next: AGAIN,
  },
  no_answer: {
    code: 'provider_down',
    message: (p) => `${p} gave no answer that could be used while the account was being connected.`,
    next: `${AGAIN} If it goes on, try in a few minutes.`,
  },
};

/** @param name the provider's name, as people read it. */
export function consentFault(problem: ConsentProblem, name: string, more: Partial<ConsentFault> = {}): ConsentFault {
  const { code, message, next } = WORDS[problem];
  return { ...fault(code, message(name), { next }), ...more, problem };
}
