/** The admin app over the real adapters and an in-memory DynamoDB, with everything it logs and writes at hand. */
import { createKeyStore } from '../../../adapters/aws/keys/key-store.ts';
import type { TenantSessions } from '../../../adapters/aws/tenant-session.ts';
import { authenticate } from '../../../core/keys/authenticate.ts';
import { createLog } from '../../../core/log.ts';
import type { OperatorPrincipal, Principal } from '../../../core/keys/principal.ts';
import { createAdminApp, type AdminAppDeps } from '../../../lambda/admin/app.ts';
import { startDynamoDb, type TestDynamoDb } from '../../fakes/dynamodb.ts';
import { fakeKms, type FakeKms } from '../../fakes/kms.ts';
import { adminDeps } from './deps.ts';

export const EVERYONE: OperatorPrincipal = { kind: 'operator', keyId: 'op_all' };
export const onlyOf = (clientId: string): OperatorPrincipal => ({ kind: 'operator', keyId: 'op_one', clientId });

export interface Reply {
  readonly status: number;
  // The shape under test is what a client would see: read it loosely, assert it exactly.
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly headers: Headers;
}

export const PUBLIC_URL = 'https://mcp.example.com/v1';
export const REDIRECT_URI = `${PUBLIC_URL}/oauth/callback`;

export interface AdminSetUp {
  readonly db: TestDynamoDb;
  readonly kms: FakeKms;
  /** What the sessions of tenants reach; tests seed connections with it. */
  readonly sessions: TenantSessions;
  readonly lines: string[];
  /** Milliseconds; tests move it. */
  now: number;
  call(method: string, path: string, body?: unknown, principal?: Principal): Promise<Reply>;
  /** What the authorizer would say about the key right now. */
  authorize(key: string, audience?: 'mcp' | 'admin', query?: Record<string, string[]>): Promise<string>;
  stop(): Promise<void>;
}

export async function setUpAdmin(): Promise<AdminSetUp> {
  const db = await startDynamoDb();
  const lines: string[] = [];
  const kms = fakeKms();
  const clock = (): number => world.now;
  let references = 0;
  const app = createAdminApp({
    ...adminDeps(db, kms, clock),
    log: createLog({ service: 'admin', write: (line) => lines.push(line), clock }),
    newId: () => `ref-${(references += 1)}`,
  });
  const world: AdminSetUp = {
    db,
    kms,
    sessions: async () => ({ dynamodb: db.client, kms }),
    lines,
    now: Date.parse('2026-11-22T10:00:00.000Z'),
    async call(method, path, body, principal = EVERYONE) {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const response = await app(
        new Request(`https://admin.invalid${path}`, {
          method,
          ...(text === undefined ? {} : { body: text, headers: { 'content-type': 'application/json' } }),
        }),
        principal,
        { publicUrl: PUBLIC_URL },
      );
      const answer = await response.text();
      return {
        status: response.status,
        body: JSON.parse(answer) as Record<string, unknown>,
        text: answer,
        headers: response.headers,
      };
    },
    async authorize(key, audience = 'mcp', query = {}) {
      const decision = await authenticate(
        { apiKeys: [key], authorizations: [], query, audience },
        createKeyStore({ dynamodb: db.client, table: db.keysTable }),
        world.now,
      );
      return decision.ok ? decision.value.kind : decision.fault.kind;
    },
    stop: () => db.stop(),
  };
  return world;
}

export const PLACE = { publicUrl: 'https://admin.invalid' };

/** The app over nothing but what a test gives it. */
export function appOver(deps: Partial<AdminAppDeps>) {
  const nothing = {} as never;
  const log = createLog({ service: 'admin', write: () => undefined, clock: () => 0 });
  return createAdminApp({
    keys: nothing,
    clients: nothing,
    issues: nothing,
    copies: nothing,
    apps: nothing,
    settings: nothing,
    webhooks: nothing,
    outbox: nothing,
    links: nothing,
    connections: nothing,
    failures: nothing,
    usage: nothing,
    providers: nothing,
    clock: () => 0,
    log,
    newId: () => 'ref-x',
    ...deps,
  });
}
