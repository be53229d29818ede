/** Connecting an account by OAuth over HTTP, as a person with a browser does it; only the vendor's page is left out. */
import type { E2eRuntime } from './runtime.ts';

export interface ConsentRequest {
  readonly client: string;
  readonly user: string;
  readonly provider: string;
  /** The way of signing in, as the form names it. */
  readonly way: string;
  /** The person's yes on the vendor's page: what the browser comes back with. */
  readonly consent: (authorizeUrl: URL) => URLSearchParams;
}

/** Sets the platform's OAuth app. */
export async function putOAuthApp(
  runtime: E2eRuntime,
  provider: string,
  app: { readonly clientId: string; readonly secret: string },
): Promise<void> {
  const body = { provider, client_id: app.clientId, client_secret: app.secret };
  await expectStatus(200, await runtime.admin('PUT', '/oauth-apps', body));
}

/** Throws unless the account is connected in the end. */
export async function connectByConsent(runtime: E2eRuntime, request: ConsentRequest): Promise<void> {
  const { client, user, provider, way, consent } = request;
  const made = await runtime.admin('POST', '/connect-links', { client, user, provider });
  const { url, code } = (await (await expectStatus(201, made)).json()) as { url: string; code: string };
  const cookies = new Map<string, string>();
  const page = await (await expectStatus(200, await visit(url, cookies))).text();
  const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(page) ?? [];
  const form = new URLSearchParams({ code, way, form_token: token });
  const sentAway = await expectStatus(303, await visit(url, cookies, form));
  const back = consent(new URL(sentAway.headers.get('location') ?? ''));
  await expectStatus(200, await visit(`${runtime.url}/oauth/callback?${back.toString()}`, cookies));
}

async function visit(url: string, cookies: Map<string, string>, form?: URLSearchParams): Promise<Response> {
  const answer = await fetch(url, {
    redirect: 'manual',
    headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    ...(form === undefined ? {} : { method: 'POST', body: form }),
  });
  for (const line of answer.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    cookies.set(name, value);
  }
  return answer;
}

async function expectStatus(status: number, answer: Response): Promise<Response> {
  if (answer.status === status) return answer;
  throw new Error(`${answer.status} in the place of ${status}: ${await answer.text()}`);
}
