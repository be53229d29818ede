/**
 * The hosted connect page: `GET` and `POST /connect/{ticket}` from a web Request to a Response. A credential comes in
 * with a POST, is proved at the provider, is stored, and leaves this function in no other way: not in a page, a
 * header, an address or a log line. It knows nothing of AWS.
 */
import { tenantMark } from '../../core/log.ts';
import { CALLBACK_PATH } from '../../core/oauth/app.ts';
import { reservedField } from './form.ts';
import { plainResult, type PageResult } from './outcome.ts';
import type { ConnectApp, ConnectAppDeps, ConnectContext } from './ports.ts';
import { submit } from './submit.ts';
import { findVisit, showForm } from './visit.ts';
import { Unavailable } from '../../core/unavailable.ts';

const ROUTE = '/connect/{ticket}';

/** The app that serves a resource of the API: the callback has one of its own, all others show pages. */
export function byResource({ page, callback }: { readonly page: ConnectApp; readonly callback: ConnectApp }) {
  return (resource: string): ConnectApp => (resource === CALLBACK_PATH ? callback : page);
}

export function createConnectApp(deps: ConnectAppDeps): ConnectApp {
  for (const provider of deps.catalog.providers) {
    const taken = reservedField(provider);
    if (taken !== undefined) throw new Error(`${provider.key}: a field may not be called ${taken}`);
  }
  return async (request, context) => {
    const began = deps.clock();
    const { response, outcome, link, cause, error } = await settled(deps, request, context);
    const line = {
      requestId: context.requestId,
      method: request.method,
      route: ROUTE,
      status: response.status,
      outcome,
      cause,
      ms: deps.clock() - began,
      clientId: link?.client,
      provider: link?.provider,
      tenant: link && tenantMark(link.tenant),
    };
    if (error === undefined) deps.log.info('connect page', line);
    else deps.log.error('connect page', { ...line, error });
    return response;
  };
}

async function settled(deps: ConnectAppDeps, request: Request, context: ConnectContext): Promise<PageResult> {
  try {
    return await connectPage(deps, request, context);
  } catch (error) {
    const page = plainResult(
      error instanceof Unavailable ? 503 : 500,
      error instanceof Unavailable ? 'unavailable' : 'failed',
      'Something went wrong here',
      'It has been logged. Open the link again in a minute.',
      'If the link does not work any more, ask your agent whether the account is connected, or for a new link.',
    );
    return { ...page, error };
  }
}

async function connectPage(deps: ConnectAppDeps, request: Request, context: ConnectContext): Promise<PageResult> {
  if (request.method !== 'GET' && request.method !== 'POST') {
    const refusal = plainResult(405, 'method', 'This address shows a page', 'Open it in a browser.');
    refusal.response.headers.set('allow', 'GET, POST');
    return refusal;
  }
  const visit = await findVisit(deps, request, context);
  if ('response' in visit) return visit;
  return request.method === 'GET' ? showForm(visit) : submit(visit);
}
