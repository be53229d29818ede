/** A vendor whose tokens can be revoked, and the person who opens a link and connects. Test code. */
import type { Client as ModernClient } from '@modelcontextprotocol/client';
import { connectWithFields } from '../../../core/connect/connect.ts';
import type { FormAuth } from '../../../core/provider/auth.ts';
import type { Transport } from '../../../core/egress/egress.ts';
import { hashSecret } from '../../../core/vault/random-secret.ts';
import { Secret } from '../../../core/vault/secret.ts';
import { exampleProvider } from '../../fakes/example-provider.ts';
import { endpoint, modernClient, type EndpointOptions } from './endpoint.ts';

export const GOOD = 'tok_good';
export const connectCall = (more: object = {}) => ({
  name: 'connect_provider',
  arguments: { provider_key: 'example', ...more },
});

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly token: string;
}

/** An endpoint over a vendor that accepts the tokens of `accepted` and keeps what was sent. */
export function setUpMcp(options: Partial<EndpointOptions> = {}) {
  const accepted = new Set([GOOD]);
  const sent: Sent[] = [];
  const transport: Transport = async ({ url, method, headers, body }) => {
    const token = (headers['authorization'] ?? '').replace('Bearer ', '');
    sent.push({ method, path: url.pathname, token });
    const answer = (value: unknown, status = 200) => ({ status, headers: {}, text: JSON.stringify(value) });
    if (!accepted.has(token)) return answer({ error: 'REVOKED' }, 401);
    if (url.pathname === '/api/me') return answer({ name: 'Ann' });
    if (url.pathname === '/api/things') return answer({ rows: [{ ID: 1, TEXT: 'first' }], total: 1 });
    return answer(method === 'POST' ? { asked: body } : { item: { id: '1', color: 'blue' } });
  };
  const served = endpoint({ transport, ...options });

  /** What the hosted page does for the tenant and the name that the link was made for. */
  async function openLink(url: string, token = GOOD): Promise<void> {
    const link = served.links.rows.get(hashSecret(new URL(url).pathname.replace('/connect/', '')));
    if (link === undefined) throw new Error('no such link');
    const connected = await connectWithFields(
      { ...served.deps, log: served.log },
      {
        tenant: link.tenant,
        provider: exampleProvider,
        auth: exampleProvider.auth[0] as FormAuth,
        fields: new Secret({ api_key: token }),
        name: link.connection,
        signal: AbortSignal.timeout(5_000),
      },
    );
    if (!connected.ok) throw new Error(connected.fault.message);
  }

  return { ...served, accepted, sent, openLink, tools: () => sent.filter(({ path }) => path !== '/api/me') };
}

export interface Question {
  readonly mode: string;
  readonly message: string;
  readonly url: string;
}

/** A client that can be asked by an address and by a form; `answer` is the person, who accepts, declines or cancels. */
export async function askedClient(
  fetch: Parameters<typeof modernClient>[0],
  answer: (question: Question) => Promise<string> | string,
): Promise<ModernClient> {
  const client = await modernClient(fetch, 'pinned', '', { elicitation: { form: {}, url: {} } });
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    const action = (await answer({ mode: 'form', url: '', ...params } as Question)) as 'accept' | 'decline' | 'cancel';
    return action === 'accept' && params.mode !== 'url' ? { action, content: {} } : { action };
  });
  return client;
}

export type Structured = Readonly<Record<string, unknown>> & {
  readonly url: string;
  readonly code: string;
  readonly connect?: { readonly url: string; readonly code: string; readonly expires_at: string };
};
export const structured = (result: object) =>
  (result as { structuredContent?: unknown }).structuredContent as Structured;
