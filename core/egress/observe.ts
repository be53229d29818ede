/**
 * Remembers what the last request of a call ended in, whatever part of the call sent it: the tool itself, the renewal of
 * its credential, a read-back. So one place knows the cause of a failure, and none has to hand it on.
 */
import { jsonOrText } from '../json.ts';
import type { FailureCause } from '../failure-cause.ts';
import type { Fault } from '../fault.ts';
import { fail, type Result } from '../result.ts';
import { TransportError, type OutgoingRequest, type Transport, type TransportResponse } from './egress.ts';

export interface ObservedTransport {
  readonly transport: Transport;
  /** Undefined while nothing was sent. */
  readonly last: () => FailureCause | undefined;
}

export function observeTransport(transport: Transport): ObservedTransport {
  let last: (() => FailureCause) | undefined;
  return {
    transport: async (request, signal) => {
      const { hostname: host } = request.url;
      last = () => ({ host });
      try {
        const response = await transport(request, signal);
        // Looked for only when somebody asks: most calls end well.
        last = () => ({ host, status: response.status, vendorCode: vendorCodeOf(response, request) });
        return response;
      } catch (error) {
        if (error instanceof TransportError) last = () => ({ host, broke: error.kind });
        throw error;
      }
    },
    last: () => last?.(),
  };
}

/** Runs something that sends with these; its fault then holds what the last request ended in. */
export async function withLastResponse<D extends { readonly transport: Transport }, T, F extends Fault>(
  deps: D,
  act: (observed: D) => Promise<Result<T, F>>,
): Promise<Result<T, F>> {
  const { transport, last } = observeTransport(deps.transport);
  const result = await act({ ...deps, transport });
  return result.ok ? result : fail({ ...result.fault, lastResponse: last() });
}

const MAX_TEXT = 64 * 1024;
/** A code and no sentence: one word, or a small number. */
const CODE = /^(?:[A-Za-z][A-Za-z0-9_.:-]{1,59}|-?[0-9]{1,9})$/;
const NAMES = ['error', 'errors', 'error_code', 'errorCode'];
/** Too common to mean a failure in a response that is a success. */
const IN_FAILURES = ['code', 'status', 'reason', 'type', 'validation-errors'];
const MAX_DEPTH = 4;

/**
 * The vendor's code for a failure, from the fields where vendors keep it. What stands in the request is no code: a
 * provider that quotes a credential or an argument must not bring it into a log.
 */
function vendorCodeOf({ status, text }: TransportResponse, request: OutgoingRequest): string | undefined {
  const isFailure = status < 200 || status >= 300;
  const code = codeIn(text.length > MAX_TEXT ? undefined : jsonOrText(text), isFailure, MAX_DEPTH);
  return code === undefined || isIn(request, code) ? undefined : code;
}

function codeIn(value: unknown, isFailure: boolean, depth: number): string | undefined {
  if (depth === 0) return undefined;
  if (Array.isArray(value)) return codeIn(value[0], isFailure, depth);
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = Object.entries(value);
  for (const name of isFailure ? [...NAMES, ...IN_FAILURES] : NAMES) {
    const found = fields.find(([field]) => field.toLowerCase() === name.toLowerCase())?.[1] as unknown;
    if ((typeof found === 'string' || typeof found === 'number') && CODE.test(String(found))) return String(found);
    // Below one of these names everything is about the failure.
    const inner = codeIn(found, true, depth - 1);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function isIn({ url, headers, body = '' }: OutgoingRequest, code: string): boolean {
  const sent = [decoded(url.pathname + url.search), body, ...Object.values(headers)].join('\n').toLowerCase();
  return sent.includes(code.toLowerCase());
}

function decoded(text: string): string {
  try {
    return `${text}\n${decodeURIComponent(text)}`;
  } catch {
    return text;
  }
}
