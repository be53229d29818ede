/** The edge of the JSON calls: one rule for the body, whichever function is asked. */
import { describe, expect, it } from '@jest/globals';
import type { Principal } from '../../../core/keys/principal.ts';
import type { ClientStore } from '../../../core/tenant/client-admin.ts';
import { createLog } from '../../../core/log.ts';
import { createEmbedApp } from '../../../lambda/mcp/products/app.ts';
import { createTenantKeysApp } from '../../../lambda/tenant-keys/app.ts';
import { fakeKeys } from '../../fakes/keys.ts';
import { principalOf } from '../../fakes/principal.ts';
import { appOver, EVERYONE, PLACE } from '../../lambda/admin/set-up.ts';
import { setUpMcp } from '../../lambda/mcp/connecting.ts';

interface Asked {
  readonly body: string;
  readonly type?: string;
}

const ISSUER: Principal = { kind: 'issuer', keyId: 'k_1', keyHash: 'c0ffee', clientId: 'acme', user: 'ann' };
const clock = (): number => 0;
const log = createLog({ service: 'test', write: () => undefined, clock });

const CLIENTS = { add: async () => true } as unknown as ClientStore;

/** A POST with a body that says what it is, or does not. */
function post(path: string, { body, type }: Asked): Request {
  const bytes = Buffer.from(body);
  // Bytes, because a text would be given a content type of its own.
  const headers = type === undefined ? {} : { 'content-type': type };
  return new Request(`https://x.example${path}`, { method: 'POST', headers, body: bytes });
}

const EDGES: Readonly<
  Record<string, { readonly good: string; readonly most: number; readonly ask: (asked: Asked) => Promise<Response> }>
> = {
  'the admin API': {
    good: '{"id":"acme"}',
    most: 128 * 1024,
    ask: (asked) => appOver({ clients: CLIENTS })(post('/admin/v1/clients', asked), EVERYONE, PLACE),
  },
  'the calls for products': {
    good: '{"provider_key":"example"}',
    most: 16 * 1024,
    ask: (asked) => {
      const app = createEmbedApp(setUpMcp().deps, log);
      const context = { requestId: 'r1', resource: '/connect-links', publicUrl: 'https://x.example' };
      return app(post('/connect-links', asked), principalOf({ user: 'ann' }), context);
    },
  },
  'the maker of tenant keys': {
    good: '{"ttl_seconds":900}',
    most: 1024,
    ask: (asked) => {
      const app = createTenantKeysApp({ keys: fakeKeys(), clock, log, newId: () => 'ref' });
      return app(post('/tenant-keys', asked), ISSUER);
    },
  },
};

async function codeOf(response: Response): Promise<readonly [number, unknown]> {
  const { error } = (await response.json()) as { error?: { code: unknown } };
  return [response.status, error?.code];
}

describe.each(Object.entries(EDGES))('%s', (_name, { good, most, ask }) => {
  it.each([undefined, 'application/json', 'Application/JSON; charset=utf-8', 'application/merge-patch+json'])(
    'takes a body of the type %s',
    async (type) => {
      expect((await ask({ body: good, ...(type === undefined ? {} : { type }) })).status).toBe(201);
    },
  );

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '',
  ])('refuses a body that says it is "%s"', async (type) => {
    expect(await codeOf(await ask({ body: good, type }))).toEqual([415, 'unsupported_media_type']);
  });

  it('refuses a body that is too large, by its bytes, before it is read as anything', async () => {
    const type = 'application/json';
    expect(await codeOf(await ask({ body: 'é'.repeat(most / 2 + 1), type }))).toEqual([413, 'too_large']);
    expect(await codeOf(await ask({ body: good + ' '.repeat(most), type }))).toEqual([413, 'too_large']);
  });

  it('refuses a body that is nested too deep, or no JSON, and nothing of it comes back', async () => {
    const deep = `${'['.repeat(101)}"canary"${']'.repeat(101)}`;
    for (const body of [deep, '{"canary":', '\u0000canary'])
      expect(await codeOf(await ask({ body, type: 'application/json' }))).toEqual([400, 'invalid_input']);
    expect(await (await ask({ body: deep })).text()).not.toContain('canary');
  });

  it('takes a body with a byte order mark', async () => {
    const [, code] = await codeOf(await ask({ body: `\uFEFF${good}` }));
    expect(code).toBeUndefined();
  });

  it('lets nothing keep what it answers', async () => {
    for (const body of [good, 'x']) {
      const { headers } = await ask({ body });
      expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
    }
  });
});
