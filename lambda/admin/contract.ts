/**
 * The admin API: every endpoint with what it takes and what it gives, as zod. The router, the OpenAPI page, the
 * CLI and the dashboard are all made from this one table. An answer is passed through its schema before it
 * leaves, so a field that is not named here (a hash, for one) cannot.
 */
import * as z from 'zod';
import type { HttpErrorCode } from '../../adapters/http/json-edge.ts';
import { CLIENT_ENDPOINTS } from './clients/contract.ts';
import { CONNECTION_ENDPOINTS } from './connections/contract.ts';
import { EVENT_ENDPOINTS } from './events/contract.ts';
import { FAILURE_ENDPOINTS } from './failures/contract.ts';
import { ISSUE_ENDPOINTS } from './issues/contract.ts';
import { KEY_ENDPOINTS } from './keys/contract.ts';
import { APP_ENDPOINTS } from './oauth-apps/contract.ts';
import { endpoint, defaults } from './resource/endpoint.ts';
import { SETTINGS_ENDPOINTS } from './settings/contract.ts';

/** Longest request body, in bytes: a picture of 64 KB, and what goes with it. */
export const MAX_ADMIN_BODY_BYTES = 128 * 1024;

export const ErrorBody = z.object({
  error: z.object({
    code: z.enum([
      'invalid_input',
      'forbidden',
      'not_found',
      'method_not_allowed',
      'conflict',
      'too_large',
      'unsupported_media_type',
      'internal',
      'unavailable',
    ] satisfies HttpErrorCode[]),
    message: z.string(),
    next: z.string().describe('What to do now'),
    reference: z.string().optional().describe('Names this failure in the log'),
  }),
});

export const CONTRACT = {
  ...CLIENT_ENDPOINTS,
  ...KEY_ENDPOINTS,
  ...ISSUE_ENDPOINTS,
  ...FAILURE_ENDPOINTS,
  ...APP_ENDPOINTS,
  ...SETTINGS_ENDPOINTS,
  ...CONNECTION_ENDPOINTS,
  ...EVENT_ENDPOINTS,
  describeApi: endpoint({
    ...defaults,
    method: 'GET',
    path: '/openapi.json',
    summary: 'This page',
    response: z.looseObject({ openapi: z.string() }),
  }),
} as const;

export type Contract = typeof CONTRACT;
export type Operation = keyof Contract;
