/**
 * One MCP server per request, over handlers that only look things up: nothing is registered, compiled or rendered
 * here. Both protocol eras come from the same handlers.
 */
import { createMcpHandler, McpServer, type McpHttpHandler, type Tool } from '@modelcontextprotocol/server';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import { visibleTools } from '../core/registry.ts';
import type { Log } from '../core/log.ts';
import { dispatch } from './dispatch.ts';
import { INSTRUCTIONS } from './instructions.ts';
import type { Session } from './session.ts';

export const MAX_BODY_BYTES = 4 * 1024 * 1024;
const LIST_TTL_MS = 60_000;
const DISCOVER_TTL_MS = 3_600_000;

// Building a validator per server is a third of an SDK server's time; it holds no request's data.
const jsonSchemaValidator = new AjvJsonSchemaValidator();

/** @param onerror told of rejected requests; the error's text must not be logged. */
export function createProtocol(version: string, log: Log): McpHttpHandler {
  return createMcpHandler(
    ({ authInfo }) => {
      const session = sessionOf(authInfo?.extra);
      const mcp = new McpServer(
        { name: 'allmcp', title: 'AllMCP', version },
        {
          // Said outright: the SDK reads a bare {} as listChanged: true, which a stateless endpoint cannot keep.
          capabilities: { tools: { listChanged: false } },
          instructions: INSTRUCTIONS,
          jsonSchemaValidator,
          inputRequired: { legacyShim: false },
          cacheHints: {
            'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'private' },
            'server/discover': { ttlMs: DISCOVER_TTL_MS, cacheScope: 'private' },
          },
        },
      );
      mcp.server.setRequestHandler('tools/list', () => listTools(session));
      mcp.server.setRequestHandler('tools/call', ({ params }, { mcpReq }) =>
        dispatch(
          { ...session, signal: AbortSignal.any([session.signal, mcpReq.signal]) },
          params.name,
          params.arguments,
        ),
      );
      return mcp;
    },
    {
      legacy: 'stateless',
      responseMode: 'auto',
      maxRequestBodySize: MAX_BODY_BYTES,
      onerror: (error) => log.warn('request rejected', { error }),
    },
  );
}

const SESSION = 'session';

/** Carries the session through the SDK, which passes `authInfo` on untouched and reads nothing from it. */
export function authInfoOf(session: Session) {
  return { token: '', clientId: session.principal.clientId, scopes: [], extra: { [SESSION]: session } };
}

function sessionOf(extra: Record<string, unknown> | undefined): Session {
  if (extra?.[SESSION] === undefined) throw new TypeError('a request without a session');
  return extra[SESSION] as Session;
}

async function listTools({ deps, flags, principal, log }: Session) {
  const connections = flags.systemOnly ? [] : await deps.connections.list(principal.tenant);
  const tools = [...deps.systemTools, ...visibleTools(deps.catalog, flags, connections)];
  log.info('tools listed', { outcome: 'ok' });
  return { tools: tools as unknown as Tool[] };
}
