/**
 * One execution environment: a child process that runs a function's bundle under AWS's runtime client, one invocation
 * at a time. Invariant: it takes the next invocation only when the answer to the last one is in and the child has
 * asked for more; after a timeout or a crash it is gone for good.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { FunctionError, Invocation, InvocationResult } from './invocation.ts';
import { serveRuntimeApi } from './runtime-api.ts';

export interface EnvironmentOptions {
  /** The node binary. */
  readonly node: string;
  /** Folder of the bundle. */
  readonly taskRoot: string;
  /** The whole environment of the child but what the Runtime API adds. Nothing is inherited. */
  readonly variables: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Hosts that go to loopback fakes. */
  readonly routes: Readonly<Record<string, string>>;
  /** Stop the process while it is idle, as Lambda does. */
  readonly freeze?: boolean | undefined;
  readonly onLine: (line: string) => void;
  /** The environment is idle and takes an invocation. */
  readonly onIdle: () => void;
  /** The process is gone; called once. `error` when it never became idle. */
  readonly onExit: (error: FunctionError | undefined) => void;
}

export interface Environment {
  /** Only while idle. */
  readonly run: (invocation: Invocation) => Promise<InvocationResult>;
  /** Kills the process; resolves when it is gone. */
  readonly stop: () => Promise<void>;
}

/** Lambda's limit for the first start. */
const INIT_TIMEOUT_MS = 10_000;
const require = createRequire(import.meta.url);
const RUNTIME_CLIENT = require.resolve('aws-lambda-ric');
const PRELOAD = fileURLToPath(new URL('preload.cjs', import.meta.url));

interface Running {
  readonly id: string;
  readonly settle: (result: InvocationResult) => void;
  readonly timer: NodeJS.Timeout;
  answered: boolean;
}

export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  let give: ((invocation: Invocation) => void) | undefined;
  let running: Running | undefined;
  let initError: FunctionError | undefined;
  let started = false;

  function becomeIdle(): void {
    if (give === undefined || running !== undefined) return;
    started = true;
    clearTimeout(initTimer);
    if (options.freeze === true) child.kill('SIGSTOP');
    options.onIdle();
  }

  const token = randomBytes(32).toString('base64url');
  const { address, server } = await serveRuntimeApi(token, {
    onNext(handOver) {
      give = handOver;
      becomeIdle();
    },
    onResult(id, result) {
      if (running?.id !== id || running.answered) return;
      running.answered = true;
      running.settle(result);
    },
    onDone(id) {
      if (running?.id !== id) return;
      clearTimeout(running.timer);
      running = undefined;
      becomeIdle();
    },
    onInitError(error) {
      initError = error;
    },
  });

  const child = spawnChild(options, address, token);
  const initTimer = setTimeout(() => child.kill('SIGKILL'), INIT_TIMEOUT_MS);
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.once('error', (error) => (initError = { type: 'Runtime.SpawnError', message: error.message }));
  child.once('close', () => {
    clearTimeout(initTimer);
    server.closeAllConnections();
    server.close();
    if (running !== undefined) {
      clearTimeout(running.timer);
      const message = 'The function ended before it answered';
      if (!running.answered) running.settle({ kind: 'failed', error: { type: 'Runtime.ExitError', message } });
    }
    const message = 'The function did not start: see its log';
    options.onExit(started ? undefined : (initError ?? { type: 'Runtime.ExitError', message }));
  });

  return {
    run(invocation) {
      const handOver = give;
      if (handOver === undefined || running !== undefined) throw new Error('the environment is not idle');
      give = undefined;
      if (options.freeze === true) child.kill('SIGCONT');
      return new Promise((settle) => {
        const timer = setTimeout(() => {
          if (running !== undefined && !running.answered) {
            running.answered = true;
            settle({ kind: 'timed-out' });
          }
          child.kill('SIGKILL');
        }, options.timeoutMs);
        running = { id: invocation.id, settle, timer, answered: false };
        handOver(invocation);
      });
    },
    async stop() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function spawnChild(options: EnvironmentOptions, address: string, token: string): ChildProcess {
  const child = spawn(
    options.node,
    [`--max-old-space-size=${options.memoryMb}`, '--require', PRELOAD, RUNTIME_CLIENT],
    {
      cwd: options.taskRoot,
      env: {
        ...options.variables,
        LAMBDA_TASK_ROOT: options.taskRoot,
        AWS_LAMBDA_RUNTIME_API: address,
        // The client's own HTTP code instead of its native module (preload.cjs).
        AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true',
        EMULATOR_TOKEN: token,
        EMULATOR_ROUTES: JSON.stringify(options.routes),
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  // Written to never; its closing tells the child that the host is gone.
  child.stdin?.on('error', () => {});
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) eachLine(stream, options.onLine);
  return child;
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
