/**
 * Starts the laptop runtime for end-to-end tests, over the template that `npm start` would serve and a data folder of
 * its own. One per test file: `beforeAll(async () => { runtime = await startE2e(); })`, `afterAll(() => runtime.stop())`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlannedFault } from '../../emulator/faults.ts';
import { prepareAssembly } from '../../local/prepare.ts';
import { startRuntime, type Runtime } from '../../local/runtime.ts';

export interface E2eOptions {
  /** A cloud assembly to serve in the place of the one made from the sources. */
  readonly assembly?: string;
  /** A data folder to keep; by default a temporary one that goes with the runtime. */
  readonly data?: string;
  /** Vendor hosts that go to loopback fakes. */
  readonly routes?: Readonly<Record<string, string>>;
  /** Folders to run functions from instead of the assembly's, by the start of the logical id. */
  readonly code?: Readonly<Record<string, string>>;
  /** A DynamoDB of the test's own in the place of the one in the data folder: to look into it, change it or hold it up. */
  readonly dynamodb?: URL;
  /** Warnings and errors of the functions; collected in `warnings` by default. */
  readonly warn?: (line: string) => void;
  /** The host's clock; the functions have their own. */
  readonly clock?: () => number;
  /** Processes that each function may have. */
  readonly maxEnvironments?: number;
  /** Stop functions between calls, as Lambda does. */
  readonly freeze?: boolean;
  /** AWS calls that fail on purpose, counted from when it has started. */
  readonly faults?: readonly PlannedFault[];
}

export interface E2eRuntime extends Runtime {
  readonly operatorKey: string;
  readonly data: string;
  /** What the functions warned about. */
  readonly warnings: readonly string[];
  /** The MCP URL with tenancy parameters. */
  readonly mcp: (query?: Readonly<Record<string, string>>) => URL;
  /** A new key, made through the admin API. */
  readonly createKey: (key: {
    readonly client: string;
    readonly type: 'solo' | 'client' | 'platform';
    readonly [field: string]: unknown;
  }) => Promise<{ readonly id: string; readonly key: string }>;
  /** A call of the admin API with the operator key. */
  readonly admin: (method: string, path: string, body?: object) => Promise<Response>;
}

/** For `beforeAll`: the first file of a run may have to build and synthesize, or to wait for another that does. */
export const START_TIMEOUT_MS = 120_000;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The folder of the assembly: `ALLMCP_ASSEMBLY` as it is, else built and synthesized when a source has changed. */
export async function testAssembly(): Promise<string> {
  const { env } = process;
  const { signal } = new AbortController();
  return env['ALLMCP_ASSEMBLY'] ?? prepareAssembly({ root: ROOT, env, progress: () => () => {}, signal });
}

export async function startE2e(options: E2eOptions = {}): Promise<E2eRuntime> {
  const assembly = options.assembly ?? (await testAssembly());
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'allmcp-e2e-'));
  const warnings: string[] = [];
  const runtime = await startRuntime({
    assembly,
    data,
    port: 0,
    routes: options.routes ?? {},
    ...(options.code === undefined ? {} : { code: options.code }),
    dynamodbEndpoint: options.dynamodb,
    warn: options.warn ?? ((line) => warnings.push(line)),
    clock: options.clock ?? Date.now,
    // A test that is about a rule runs it; in the others nothing happens that they did not ask for.
    every: () => () => undefined,
    freeze: options.freeze ?? false,
    faults: options.faults ?? [],
    ...(options.maxEnvironments === undefined ? {} : { maxEnvironments: options.maxEnvironments }),
  });
  const { url, operatorKey = '' } = runtime;
  const admin = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${url}/admin/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    ...runtime,
    operatorKey,
    data,
    warnings,
    mcp: (query = {}) => new URL(`${url}/mcp?${new URLSearchParams(query).toString()}`),
    admin,
    createKey: async (key) => {
      const answer = await admin('POST', '/keys', key);
      if (answer.status !== 201) throw new Error(`no key: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as { id: string; key: string };
    },
    stop: async () => {
      await runtime.stop();
      if (options.data === undefined) rmSync(data, { recursive: true, force: true });
    },
  };
}
