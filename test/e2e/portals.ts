/** Bitrix24 portals on loopback, each under a host of its own and with an owner of its own, to tell accounts apart. */
import { startBitrix24Fake, type Bitrix24Fake, type FakeOptions } from '../fakes/bitrix24.ts';
import { seedPortal } from '../fakes/bitrix24-seed.ts';
import { callTool, type Target } from './rpc.ts';

export interface TestPortal extends Bitrix24Fake {
  readonly host: string;
  /** The webhook URL a person would paste. */
  readonly webhook: string;
  /** What a connection to it is called: the name of its owner. */
  readonly account: string;
}

export interface TestPortals {
  readonly all: readonly TestPortal[];
  /** For the runtime: every host to its fake. */
  readonly routes: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** Portals `<name>0.bitrix24.com`, `<name>1.bitrix24.com`, ... */
export async function startPortals(count: number, name = 'portal', options: FakeOptions = {}): Promise<TestPortals> {
  const all = await Promise.all(Array.from({ length: count }, (_, i) => startPortal(`${name}${i}`, options)));
  return {
    all,
    routes: Object.fromEntries(all.map(({ host, url }) => [host, url])),
    stop: async () => void (await Promise.all(all.map((portal) => portal.stop()))),
  };
}

async function startPortal(name: string, options: FakeOptions): Promise<TestPortal> {
  const portal = seedPortal(options.clock ?? Date.now);
  const owner = portal.users.get(portal.actingUser);
  portal.users.set(portal.actingUser, { ...owner, NAME: 'Owner', LAST_NAME: `of ${name}` });
  const fake = await startBitrix24Fake({ ...options, portal });
  const host = `${name}.bitrix24.com`;
  return { ...fake, host, webhook: `https://${host}${fake.path}`, account: `Owner of ${name}` };
}

/** Throws when the account is refused. */
export async function connect(target: Target, portal: TestPortal, connection?: string): Promise<void> {
  const name = connection === undefined ? {} : { connection };
  const call = { provider_key: 'bitrix24', api_key: portal.webhook, ...name };
  const { isError, text } = await callTool(target, 'connect_provider', call);
  if (isError) throw new Error(`not connected: ${text}`);
}
