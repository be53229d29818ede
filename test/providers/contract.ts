/** One contract for every provider: what each tool sends, what it gives, and that every argument is tried. */
import { SILENT } from '../fakes/log.ts';
import { describe, expect, it } from '@jest/globals';
import type { TransportResponse, OutgoingRequest, Transport } from '../../core/egress/egress.ts';
import { toInputSchema } from '../../core/provider/json-schema.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Provider } from '../../core/provider/provider.ts';
import { Secret } from '../../core/vault/secret.ts';
import { tenantId } from '../../core/tenant/tenant.ts';
import { provider as googleSheets } from '../../providers/google_sheets/provider.ts';
import { loadProvider } from '../../providers/index.ts';
import { parseAndRun } from '../fakes/run-tool.ts';
import { noPace } from '../fakes/stores.ts';
import type * as z from 'zod';

interface Case {
  readonly tool: string;
  readonly args: JsonObject;
  /** Method, address without https://, and the body. */
  readonly sends: readonly [string, string, unknown?];
  readonly answer: unknown;
  readonly gives: JsonObject;
}

export interface Setting {
  readonly auth: string;
  readonly credential: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

const toolsOf = (provider: Provider) => Object.values(provider.categories).flatMap(({ tools }) => tools);
export const reply = (body: unknown, status = 200): TransportResponse => ({
  status: body === undefined ? 204 : status,
  headers: {},
  text: body === undefined ? '' : JSON.stringify(body),
});

async function run(key: string, setting: Setting, tool: string, args: unknown, answer: TransportResponse) {
  const provider = await providerOf(key);
  const found = toolsOf(provider).find(({ name }) => name === tool);
  if (found === undefined) throw new Error(`no ${key}_${tool}`);
  const sent: OutgoingRequest[] = [];
  const transport: Transport = async (request) => (sent.push(request), answer);
  const deps = { transport, rateLimiter: noPace, clock: () => 0, sleep: async () => undefined };
  const result = await parseAndRun(deps, {
    tenant: tenantId({ client: 'c' }),
    provider,
    tool: found,
    args,
    connection: { auth: setting.auth, facts: setting.facts },
    credential: new Secret(setting.credential),
    log: SILENT,
    signal: AbortSignal.timeout(5_000),
  });
  return { sent, result };
}

/** Order matters little to a vendor, but a lost or doubled parameter does: compared as sent, decoded. */
const address = ({ url }: OutgoingRequest): string =>
  url.host +
  url.pathname +
  (url.search === '' ? '' : `?${[...url.searchParams].map(([k, v]) => `${k}=${v}`).join('&')}`);

/** Google Sheets is not in the index: no page asks for consent yet. */
export const providerOf = async (key: string): Promise<Provider> =>
  key === googleSheets.key ? googleSheets : loadProvider(key);

export function describeContract(key: string, setting: Setting): void {
  const { cases, headers } = setting;

  describe(key, () => {
    it.each(cases.map((each) => [each.tool, each] as const))(
      '%s sends what is documented and gives what it promises',
      async (tool, { args, sends, answer, gives }) => {
        const { sent, result } = await run(key, setting, tool, args, reply(answer));
        const [first] = sent;
        if (first === undefined) throw new Error(`nothing was sent: ${JSON.stringify(result)}`);
        expect([first.method, address(first)]).toEqual([sends[0], sends[1]]);
        expect(first.body === undefined ? undefined : JSON.parse(first.body)).toEqual(sends[2]);
        expect(first.headers).toMatchObject(headers);
        expect(result).toEqual({ ok: true, value: gives });
      },
    );

    it('has every tool tried with every argument it takes', async () => {
      const provider = await providerOf(key);
      const untried = toolsOf(provider).flatMap(({ name, input }) => {
        const known = Object.keys(toInputSchema(input as z.ZodType)['properties'] as JsonObject);
        const tried = new Set(cases.filter(({ tool }) => tool === name).flatMap(({ args }) => Object.keys(args)));
        const isTried = cases.some(({ tool }) => tool === name);
        return isTried
          ? known.filter((argument) => !tried.has(argument)).map((argument) => `${name}.${argument}`)
          : [name];
      });
      expect(untried).toEqual([]);
    });

    it('takes an expired or revoked credential for what it is', async () => {
      const { result } = await run(key, setting, cases[0]?.tool ?? '', cases[0]?.args, reply({ error: 'x' }, 401));
      expect(result).toMatchObject({
        ok: false,
        fault: { code: 'reconnect_required', cause: key === 'altegio' ? 'reconnect_required' : 'auth_expired' },
      });
    });

    it('asks for the second page as the vendor wants it', async () => {
      for (const { tool, args, answer } of cases.filter(({ gives }) => 'next_cursor' in gives)) {
        const { result } = await run(key, setting, tool, args, reply(answer));
        const cursor = result.ok ? result.value['next_cursor'] : undefined;
        const { sent } = await run(key, setting, tool, { ...args, cursor }, reply(answer));
        expect([tool, sent[0]?.url.searchParams.get('page') ?? sent[0]?.url.searchParams.get('pageToken')]).toEqual([
          tool,
          key === 'google_sheets' ? 'n' : '2',
        ]);
      }
    });
  });
}
