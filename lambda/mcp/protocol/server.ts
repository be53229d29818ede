/**
 * One MCP server per request, over handlers that only look things up: nothing is registered, compiled or rendered
 * here. Both protocol eras come from the same handlers.
 */
import {
  createMcpHandler,
  McpServer,
  mergeCapabilities,
  type McpHttpHandler,
  type ServerCapabilities,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import { visibleTools } from '../../../core/catalog/registry.ts';
import type { Log } from '../../../core/log.ts';
import { dispatch } from './dispatch.ts';
import type { Extension, ToolCallParams } from './extension.ts';
import { INSTRUCTIONS } from './instructions.ts';
import { hideErrorDetails } from './hide-error-details.ts';
import { complete, getPrompt, listPrompts } from './prompts.ts';
import { serveResults } from './resources.ts';
import { openRoundTrip } from '../request/round-trip.ts';
import { serverInfo } from './server-info.ts';
import type { AskingContext, CallContext } from '../request/call-context.ts';
import { progressOf, traced } from './request-meta.ts';
import { skillsFor } from './skills.ts';

export const MAX_MCP_BODY_BYTES = 4 * 1024 * 1024;
const LIST_HINT = { ttlMs: 60_000, cacheScope: 'private' } as const;
const CACHE_HINTS = {
  'tools/list': LIST_HINT,
  'prompts/list': LIST_HINT,
  'resources/list': LIST_HINT,
  'resources/templates/list': LIST_HINT,
  'resources/read': LIST_HINT,
  'server/discover': { ttlMs: 3_600_000, cacheScope: 'private' },
} as const;

// Said outright: the SDK reads a bare {} as listChanged: true, which a stateless endpoint cannot keep.
const CAPABILITIES: ServerCapabilities = {
  tools: { listChanged: false },
  resources: { listChanged: false },
  prompts: { listChanged: false },
  completions: {},
};

// Building a validator per server is a third of an SDK server's time; it holds no request's data.
const jsonSchemaValidator = new AjvJsonSchemaValidator();

/** @param extensions none in a deployed function; fixtures in a build for tests. */
export function createProtocol(version: string, log: Log, extensions: readonly Extension[]): McpHttpHandler {
  const capabilities = extensions.reduce<ServerCapabilities>(
    (all, extension) => mergeCapabilities(all, extension.capabilities),
    CAPABILITIES,
  );
  return createMcpHandler(
    ({ authInfo, era, requestInfo }) => {
      const context = sessionOf(authInfo?.extra);
      const mcp = new McpServer(serverInfo(version, era, requestInfo?.headers.get('mcp-method') ?? null), {
        instructions: INSTRUCTIONS,
        jsonSchemaValidator,
        inputRequired: { legacyShim: false },
        cacheHints: CACHE_HINTS,
      });
      // Capabilities only now: with them the constructor would register handlers of its own, unguarded.
      hideErrorDetails(mcp, context.log, context.onOutage);
      mcp.server.registerCapabilities(capabilities);
      skillsFor(context).attach(mcp);
      serveResults(mcp, context);
      for (const extension of extensions) extension.attach(mcp, context);
      serveTools(mcp, context, extensions);
      servePrompts(mcp, context, extensions);
      return mcp;
    },
    {
      legacy: 'stateless',
      responseMode: 'auto',
      maxRequestBodySize: MAX_MCP_BODY_BYTES,
      // Its text may quote the request, so only the kind of error is logged.
      onerror: (error) => log.warn('request rejected', { error }),
    },
  );
}

function serveTools({ server }: McpServer, context: CallContext, extensions: readonly Extension[]): void {
  server.setRequestHandler('tools/list', () => listTools(context, extensions));
  server.setRequestHandler('tools/call', async ({ params }, sdkContext) => {
    const asking = await withRoundTrip(context, sdkContext, params);
    const extension = extensions.find(({ tools }) => tools.some(({ name }) => name === params.name));
    return extension === undefined
      ? dispatch(asking, params.name, params.arguments)
      : extension.call(asking, params, sdkContext);
  });
}

function servePrompts({ server }: McpServer, context: CallContext, extensions: readonly Extension[]): void {
  server.setRequestHandler('prompts/list', () => ({
    prompts: [...listPrompts(), ...extensions.flatMap(({ prompts }) => prompts)],
  }));
  server.setRequestHandler('prompts/get', async ({ params }, sdkContext) => {
    const asking = await withRoundTrip(context, sdkContext, params);
    const extension = extensions.find(({ prompts }) => prompts.some(({ name }) => name === params.name));
    return extension === undefined
      ? getPrompt(params.name, params.arguments)
      : extension.prompt(asking, params, sdkContext);
  });
  server.setRequestHandler('completion/complete', ({ params }) => complete(context.deps.catalog, params.argument));
}

/** A state that the client brings back is verified here, before anything looks at the request's name. */
async function withRoundTrip(
  context: CallContext,
  sdkContext: ServerContext,
  params: ToolCallParams,
): Promise<AskingContext> {
  const { deps, principal } = context;
  const roundTrip = await openRoundTrip({ states: deps.states, tenant: principal.tenant }, sdkContext, params);
  return {
    ...context,
    signal: AbortSignal.any([context.signal, sdkContext.mcpReq.signal]),
    onWait: progressOf(sdkContext),
    log: traced(context.log, sdkContext),
    roundTrip,
  };
}

const SESSION = 'session';

/** Carries the session through the SDK, which passes `authInfo` on untouched and reads nothing from it. */
export function authInfoOf(context: CallContext) {
  return { token: '', clientId: context.principal.clientId, scopes: [], extra: { [SESSION]: context } };
}

function sessionOf(extra: Record<string, unknown> | undefined): CallContext {
  if (extra?.[SESSION] === undefined) throw new TypeError('a request without a session');
  return extra[SESSION] as CallContext;
}

async function listTools({ deps, flags, principal, log }: CallContext, extensions: readonly Extension[]) {
  const connections = flags.systemOnly ? [] : await deps.connections.list(principal.tenant);
  const tools = [
    ...deps.systemTools,
    ...visibleTools(deps.catalog, flags, connections),
    ...extensions.flatMap((extension) => extension.tools),
  ];
  log.info('tools listed', { outcome: 'ok' });
  return { tools: tools as unknown as Tool[] };
}
