/**
 * `npm run soak [-- --calls 20000 --tenants 200 --concurrency 4]`: many calls of many tenants through the laptop
 * runtime, against a fake portal. Fails when a process holds more than a tenth more memory at the end than it did
 * after the first calls, or when a call is answered wrongly.
 */
import { parseArgs } from 'node:util';
import { startBitrix24Fake } from '../fakes/bitrix24.ts';
import { callTool, closeConnections, type Target } from '../e2e/rpc.ts';
import { growthOf, type Sample } from './growth.ts';
import { memoryOf } from './processes.ts';
import { startServer, type SoakServer } from './server.ts';

const WARM = 2_000;
const MOST_GROWTH = 1.1;
/** Samples are taken by calls and not by time, so that a fast machine has as many to compare as a slow one. */
const SAMPLES = 200;
const MIB = 1024 * 1024;

interface Tenant extends Target {
  readonly host: string;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '20000' },
    tenants: { type: 'string', default: '200' },
    concurrency: { type: 'string', default: '4' },
  },
});
const total = Number(values.calls);
const count = Number(values.tenants);
const concurrency = Number(values.concurrency);
if (!(total >= 2 * WARM) || !(count >= 1) || !(concurrency >= 1)) {
  process.stderr.write(`Give --calls of at least ${2 * WARM}, and --tenants and --concurrency of at least 1.\n`);
  process.exit(2);
}

/** Nineteen of twenty calls are reads; the rest are writes, calls that fail, and system tools. */
function callOf(i: number): { readonly name: string; readonly args: object; readonly expect: string } {
  const id = 1 + (i % 70);
  switch (i % 40) {
    case 7:
      return { name: 'list_connections', args: {}, expect: '"status":"active"' };
    case 17:
      return { name: 'bitrix24_get_deal', args: { deal_id: 99_999 }, expect: '"isError":true' };
    case 27:
      return {
        name: 'bitrix24_update_deal_stage',
        args: { deal_id: id, stage_id: 'NEW' },
        expect: '"applied":{"STAGE_ID":true}',
      };
    case 37:
      return { name: 'call_tool', args: { tool: 'bitrix24_list_deal_stages' }, expect: 'EXECUTING' };
    default:
      return { name: 'bitrix24_get_deal', args: { deal_id: id }, expect: `"TITLE":"Deal ${id}"` };
  }
}

/** Runs `calls` calls, some at a time; answers how many went wrong. */
async function run(calls: number, work: (i: number) => Promise<boolean>, onDone: (done: number) => void) {
  let next = 0;
  let done = 0;
  let wrong = 0;
  const worker = async (): Promise<void> => {
    while (next < calls) {
      const i = next;
      next += 1;
      if (!(await work(i))) wrong += 1;
      done += 1;
      onDone(done);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return wrong;
}

function summary(server: SoakServer): string {
  const byRole = new Map<string, number[]>();
  for (const { role, rssBytes } of memoryOf(server.pid))
    byRole.set(role, [...(byRole.get(role) ?? []), Math.round(rssBytes / MIB)]);
  return [...byRole].map(([role, sizes]) => `${role} ${sizes.join('+')}`).join(', ');
}

async function soak(server: SoakServer, tenants: readonly Tenant[], path: string): Promise<boolean> {
  await run(
    tenants.length,
    async (i) => {
      const tenant = tenants[i];
      if (tenant === undefined) return false;
      const call = { provider_key: 'bitrix24', api_key: `https://${tenant.host}${path}` };
      const { isError, text } = await callTool(tenant, 'connect_provider', call);
      if (isError) throw new Error(`${tenant.host} was not connected: ${text}`);
      return true;
    },
    () => {},
  );
  print(`${tenants.length} tenants connected; MiB: ${summary(server)}`);

  const samples: Sample[] = [];
  const tenth = Math.ceil(total / 10);
  const stride = Math.ceil(total / SAMPLES);
  const begun = performance.now();
  let shown = begun;
  const wrong = await run(
    total,
    async (i) => {
      const tenant = tenants[i % tenants.length];
      if (tenant === undefined) return false;
      const { name, args, expect } = callOf(Math.floor(i / tenants.length) + i);
      const { text } = await callTool(tenant, name, args).catch((error: unknown) => ({ text: String(error) }));
      const good = text.replaceAll('\\"', '"').includes(expect);
      if (!good) process.stderr.write(`wrong answer to ${name}: ${text.slice(0, 500)}\n`);
      return good;
    },
    (done) => {
      if (done % stride === 0) samples.push({ calls: done, processes: memoryOf(server.pid) });
      if (done % tenth !== 0) return;
      const rate = tenth / ((performance.now() - shown) / 1000);
      shown = performance.now();
      print(`${String(done).padStart(6)} calls, ${rate.toFixed(0).padStart(3)} a second; MiB: ${summary(server)}`);
    },
  );
  const seconds = (performance.now() - begun) / 1000;

  const growths = growthOf(samples, total, WARM);
  print(`\n${'largest process of'.padEnd(24)} ${`after ${WARM}`.padStart(12)} ${'last tenth'.padStart(12)}   growth`);
  for (const { role, processes, beforeBytes, afterBytes, ratio } of growths)
    print(
      `${`${role} (${processes})`.padEnd(24)} ${mib(beforeBytes)} ${mib(afterBytes)}  ${((ratio - 1) * 100).toFixed(1).padStart(5)} %` +
        (ratio > MOST_GROWTH ? '  too much' : ''),
    );
  const grown = growths.filter(({ ratio }) => ratio > MOST_GROWTH);
  print(
    `\n${total} calls of ${tenants.length} tenants in ${seconds.toFixed(0)} s (${(total / seconds).toFixed(0)} a second, ` +
      `${concurrency} at a time); ${wrong} wrong answers, ${grown.length} of ${growths.length} roles grew by more than a tenth`,
  );
  return wrong === 0 && grown.length === 0;
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`.padStart(12);

/** A portal per tenant, so that the rate limit of a portal is never what is measured; one fake answers for all. */
const fake = await startBitrix24Fake({ burst: Number.POSITIVE_INFINITY });
const hosts = Array.from({ length: count }, (_, i) => `tenant${i}.bitrix24.com`);
const server = await startServer(Object.fromEntries(hosts.map((host) => [host, fake.url])));
print(`ready in ${server.startSeconds.toFixed(1)} s; MiB: ${summary(server)}`);
try {
  const key = await server.createKey('soak');
  const tenants = hosts.map((host, i) => ({
    host,
    key,
    url: new URL(`${server.url}/mcp?org_id=org${i % 20}&user_id=user${i}`),
  }));
  process.exitCode = (await soak(server, tenants, fake.path)) ? 0 : 1;
} finally {
  await server.stop();
  await fake.stop();
  closeConnections();
}
