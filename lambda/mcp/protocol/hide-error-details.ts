/**
 * Keeps exceptions off the wire. The SDK sends the message of whatever a handler throws, and its validator's whole
 * list of issues where parameters are wrong; here both become a sentence, and what was thrown goes to the log. So does
 * one line for each request that is answered with an error.
 */
import { ProtocolError, ProtocolErrorCode, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import type { Log } from '../../../core/log.ts';
import { outageFault, OUTAGE_RETRY_SECONDS, Unavailable } from '../../../core/unavailable.ts';
import { cutText, issuesInWords } from '../../../core/text.ts';
import { CODES, UnknownTool } from './rpc-error.ts';

const FAILED = 'Something went wrong here; it has been logged. Try again.';
const MAX_WORDS = 500;

type Handler = (...args: readonly unknown[]) => unknown;

interface Guarding {
  readonly log: Log;
  readonly onOutage: (error: Unavailable) => void;
  /** Requests whose tool does not exist, by their ids. */
  readonly unknownTools: Set<unknown>;
}

/** Must be called before handlers are registered on the server, and before it connects. */
export function hideErrorDetails({ server }: McpServer, log: Log, onOutage: (error: Unavailable) => void): void {
  const guarding: Guarding = { log, onOutage, unknownTools: new Set() };
  const register = server.setRequestHandler.bind(server) as (method: string, ...rest: readonly unknown[]) => void;
  const guarded = (method: string, ...rest: readonly unknown[]): void =>
    register(
      method,
      ...rest.map((part) => (typeof part === 'function' ? guard(part as Handler, method, guarding) : part)),
    );
  server.setRequestHandler = guarded as typeof server.setRequestHandler;

  const connect = server.connect.bind(server);
  server.connect = (transport) => {
    const send = transport.send.bind(transport);
    transport.send = (message, options) => {
      if (!('error' in message)) return send(message, options);
      const outcome = guarding.unknownTools.has(message.id) ? 'unknown_tool' : outcomeOf(message.error);
      if (outcome !== undefined) log.info('request refused', { outcome });
      return send({ ...message, error: inWords(message.error) }, options);
    };
    return connect(transport);
  };
}

/** Undefined for what `guard` has logged already. */
function outcomeOf({ code }: RpcError): string | undefined {
  if (code === ProtocolErrorCode.InternalError || code === CODES[503]) return undefined;
  const names: Readonly<Record<number, string>> = {
    [ProtocolErrorCode.InvalidRequest]: 'invalid_request',
    [ProtocolErrorCode.MethodNotFound]: 'unknown_method',
    [ProtocolErrorCode.InvalidParams]: 'invalid_params',
  };
  return names[code] ?? `rpc ${code}`;
}

/** A ProtocolError is meant for the client; anything else is our own outage, or our own bug. */
function guard(handler: Handler, method: string, { log, onOutage, unknownTools }: Guarding): Handler {
  return async (...args) => {
    try {
      return await handler(...args);
    } catch (error) {
      if (error instanceof UnknownTool) unknownTools.add((args[1] as Partial<ServerContext> | undefined)?.mcpReq?.id);
      if (ProtocolError.isInstance(error)) throw error;
      log.error('request failed', { method, error });
      if (error instanceof Unavailable) {
        onOutage(error);
        const { code, message } = outageFault(error);
        throw new ProtocolError(CODES[503], message, { code, retry_after: OUTAGE_RETRY_SECONDS });
      }
      throw new ProtocolError(ProtocolErrorCode.InternalError, FAILED);
    }
  };
}

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/**
 * A list of issues inside the message becomes "params.name: expected a string." for the first few of them. An internal
 * error never says more than that it happened.
 */
function inWords(error: RpcError): RpcError {
  const at = error.message.search(/\[\s*\{/);
  const issues = at === -1 ? undefined : readIssues(error.message.slice(at));
  if (issues === undefined)
    return error.code === ProtocolErrorCode.InternalError ? { ...error, message: FAILED } : error;
  const words = issuesInWords(issues)
    .map((problem) => `${problem}.`)
    .join(' ');
  return {
    code: ProtocolErrorCode.InvalidParams,
    message: cutText(`The parameters of this request are wrong. ${words}`, MAX_WORDS),
  };
}

function readIssues(text: string): readonly { path: readonly unknown[]; message: string }[] | undefined {
  try {
    const issues = JSON.parse(text) as readonly { path?: unknown; message?: unknown }[];
    return issues.map(({ path, message }) => ({ path: Array.isArray(path) ? path : [], message: String(message) }));
  } catch {
    return undefined;
  }
}
