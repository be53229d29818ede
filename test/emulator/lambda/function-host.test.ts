/** The contract with AWS's runtime client, in real child processes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createFunctionHost, type FunctionHost, type HostedFunction } from '../../../emulator/lambda/function-host.ts';
import type { InvocationResult } from '../../../emulator/lambda/invocation.ts';

const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url));
const hosts: FunctionHost[] = [];
const lines: string[] = [];
let released = 0;

function host(handler: string, more: Partial<HostedFunction> = {}): FunctionHost {
  const made = createFunctionHost({
    name: handler,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${handler}`,
    node: process.execPath,
    taskRoot: FIXTURES,
    environmentVariables: () => ({
      variables: {
        _HANDLER: `index.${handler}`,
        AWS_REGION: 'us-east-1',
        AWS_LAMBDA_FUNCTION_NAME: handler,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        AWS_LAMBDA_LOG_GROUP_NAME: 'g',
        AWS_LAMBDA_LOG_STREAM_NAME: 's',
        OWN: 'value',
      },
      release: () => (released += 1),
    }),
    memoryMb: 128,
    timeoutMs: 5_000,
    routes: {},
    maxEnvironments: 8,
    onLine: (line) => lines.push(line),
    clock: Date.now,
    ...more,
  });
  hosts.push(made);
  return made;
}
const json = (result: InvocationResult): Record<string, unknown> => {
  if (result.kind !== 'buffered') throw new Error(`not buffered: ${JSON.stringify(result)}`);
  return JSON.parse(result.payload.toString()) as Record<string, unknown>;
};
const read = async (result: InvocationResult) => {
  if (result.kind !== 'streamed') throw new Error(`not streamed: ${JSON.stringify(result)}`);
  const chunks: Buffer[] = [];
  const complete = await new Promise<boolean>((resolve) => {
    result.body
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => resolve(true))
      .on('close', () => resolve(false));
  });
  return { text: Buffer.concat(chunks).toString(), complete, failure: await result.failure, type: result.contentType };
};
const alive = (pid: unknown): boolean => {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
};
const until = async (holds: () => boolean) => {
  for (let i = 0; i < 200 && !holds(); i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(holds()).toBe(true);
};

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((made) => made.stop()));
});

describe('an invocation', () => {
  it('gives the handler the event and a context, and reuses the environment for the next', async () => {
    const echo = host('echo');
    const first = json(await echo.invoke({ a: [1, 'ü'] }));
    const second = json(await echo.invoke({ b: 2 }));
    expect(first).toMatchObject({ event: { a: [1, 'ü'] }, count: 1 });
    expect(Number(first['remaining'])).toBeGreaterThan(3_000);
    expect(second).toMatchObject({ event: { b: 2 }, count: 2, pid: first['pid'] });
    expect(second['id']).not.toBe(first['id']);
  });

  it('runs at once beside others, each in its own environment, up to the limit; the rest wait', async () => {
    const echo = host('echo', { maxEnvironments: 2 });
    const answers = await Promise.all(Array.from({ length: 5 }, (_, i) => echo.invoke({ sleep: 100, i })));
    const bodies = answers.map(json);
    expect(new Set(bodies.map(({ pid }) => pid)).size).toBe(2);
    expect(bodies.map(({ event }) => (event as { i: number }).i)).toEqual([0, 1, 2, 3, 4]);
  });

  it('waits for a busy environment when that is quicker than to start another', async () => {
    const echo = host('echo');
    await echo.invoke({});
    const answers = await Promise.all(Array.from({ length: 10 }, () => echo.invoke({})));
    expect(new Set(answers.map((one) => json(one)['pid'])).size).toBe(1);
  });

  it.each([
    ['runs on after it', false, false],
    ['is stopped after it where functions freeze', true, true],
  ])('leaves a process that %s', async (_what, freeze, isStopped) => {
    const ticks = host('ticks', { freeze, maxEnvironments: 1 });
    await ticks.invoke({});
    await new Promise((resolve) => setTimeout(resolve, 600));
    const { longest } = json(await ticks.invoke({}));
    expect(Number(longest) > 400).toBe(isStopped);
  });

  it('keeps environments apart over many invocations', async () => {
    const echo = host('echo', { maxEnvironments: 3 });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => echo.invoke({ i, sleep: i % 3 })));
    expect(answers.map((one) => (json(one)['event'] as { i: number }).i)).toEqual(
      Array.from({ length: 60 }, (_, i) => i),
    );
  });

  it('leaves environments to other callers, however many of one caller wait', async () => {
    const echo = host('echo', { maxEnvironments: 4 });
    await echo.warm(2);
    const hog = Array.from({ length: 12 }, () => echo.invoke({ sleep: 400 }, 'hog'));
    const order: string[] = [];
    for (const [i, one] of hog.entries()) void one.then(() => order.push(`hog ${i}`));
    // At once, and again when the first caller has all that it may have.
    for (let round = 0; round < 2; round += 1) {
      json(await echo.invoke({}, 'other'));
      order.push('other');
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    expect(order[0]).toBe('other');
    const pids = (await Promise.all(hog)).map((one) => json(one)['pid']);
    // Half of four, because what one has is no more than what is left to the others.
    expect(new Set(pids).size).toBe(2);
    const second = order.lastIndexOf('other');
    expect(order.slice(second).length).toBeGreaterThan(6);
  });

  it('ends in the type and message of what the handler threw, and the environment stays usable', async () => {
    const fail = host('fail');
    const expected = { kind: 'failed', error: { type: 'TypeError', message: 'the reason' } };
    expect(await fail.invoke({})).toEqual(expected);
    expect(await fail.invoke({})).toEqual(expected);
  });

  it('fails when the process ends, and the next one gets a new environment', async () => {
    const crash = host('crash');
    expect(await crash.invoke({})).toMatchObject({ kind: 'failed', error: { type: 'Runtime.ExitError' } });
    expect(await crash.invoke({})).toMatchObject({ kind: 'failed', error: { type: 'Runtime.ExitError' } });
  });

  it('is killed at its timeout even when it never yields', async () => {
    const before = Date.now();
    expect(await host('spin', { timeoutMs: 300 }).invoke({})).toEqual({ kind: 'timed-out' });
    expect(Date.now() - before).toBeLessThan(2_500);
  });

  it('fails when its answer is larger than 6 MB', async () => {
    expect(await host('huge').invoke({})).toMatchObject({ error: { type: 'Function.ResponseSizeTooLarge' } });
  });

  it('fails at once when the handler does not exist', async () => {
    expect(await host('nothing').invoke({})).toMatchObject({
      kind: 'failed',
      error: { type: 'Runtime.HandlerNotFound' },
    });
    await expect(host('nothing').warm()).rejects.toThrow('nothing');
  });
});

describe('a streamed answer', () => {
  it('arrives as it is written: prelude, eight NULs, body', async () => {
    const result = await host('stream').invoke({ parts: ['one', 'two'], pause: 20 });
    expect(await read(result)).toEqual({
      text: `${JSON.stringify({ statusCode: 201, headers: { 'content-type': 'text/plain', 'x-one': '1' } })}${'\0'.repeat(8)}onetwo`,
      complete: true,
      failure: undefined,
      type: 'application/vnd.awslambda.http-integration-response',
    });
  });

  it('sends its prelude although its body is empty', async () => {
    expect(await read(await host('streamEmpty').invoke({}))).toMatchObject({
      text: `{"statusCode":202}${'\0'.repeat(8)}`,
    });
  });

  it('says that the handler threw, before or after the prelude', async () => {
    expect(await read(await host('streamFailEarly').invoke({}))).toMatchObject({
      text: '',
      failure: { type: 'Error', message: 'before the prelude' },
    });
    const late = await read(await host('streamFailLate').invoke({}));
    expect(late.text.endsWith('some')).toBe(true);
    expect(late.failure).toMatchObject({ message: 'after the prelude' });
  });

  it('is cut when the function reaches its timeout', async () => {
    const { complete, failure } = await read(await host('streamHang', { timeoutMs: 400 }).invoke({}));
    expect(complete).toBe(false);
    expect(failure).toMatchObject({ type: 'Runtime.ExitError' });
  });

  it('leaves the environment usable', async () => {
    const stream = host('stream', { maxEnvironments: 1 });
    for (const part of ['x', 'y'])
      expect((await read(await stream.invoke({ parts: [part] }))).text.endsWith(part)).toBe(true);
  });
});

describe("a function's environment", () => {
  it('holds the allow-list only: nothing of the host, nothing of the runtime', async () => {
    process.env['SECRET_OF_THE_HOST'] = 'x';
    const variables = json(await host('environment').invoke({}));
    delete process.env['SECRET_OF_THE_HOST'];
    expect(Object.keys(variables).toSorted()).toEqual([
      'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
      'AWS_LAMBDA_FUNCTION_NAME',
      'AWS_LAMBDA_FUNCTION_VERSION',
      'AWS_LAMBDA_LOG_GROUP_NAME',
      'AWS_LAMBDA_LOG_STREAM_NAME',
      'AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1',
      'AWS_LAMBDA_RUNTIME_API',
      'AWS_REGION',
      'LAMBDA_TASK_ROOT',
      'OWN',
      '_HANDLER',
    ]);
  });

  it('has the memory of the template', async () => {
    const result = await host('argv').invoke({});
    expect(json(result)).toContain('--max-old-space-size=128');
  });

  it('passes on what the function logs, line by line', async () => {
    await host('echo').invoke({ warn: 'look here' });
    await until(() => lines.some((line) => line.includes('WARN') && line.includes('look here')));
  });
});

describe('stopping', () => {
  it('leaves no process and gives every credential back', async () => {
    released = 0;
    const echo = host('echo');
    const [{ pid: one }, { pid: two }] = (
      await Promise.all([echo.invoke({ sleep: 600 }), echo.invoke({ sleep: 600 })])
    ).map(json) as [Record<string, unknown>, Record<string, unknown>];
    expect(alive(one) && alive(two)).toBe(true);
    await echo.stop();
    expect(alive(one) || alive(two)).toBe(false);
    expect(released).toBe(2);
  });

  it('answers what was waiting', async () => {
    const echo = host('echo', { maxEnvironments: 1 });
    const answers = [echo.invoke({ sleep: 5_000 }), echo.invoke({})];
    await new Promise((resolve) => setTimeout(resolve, 300));
    await echo.stop();
    expect((await Promise.all(answers)).map(({ kind }) => kind)).toEqual(['failed', 'failed']);
    expect(await echo.invoke({})).toMatchObject({ kind: 'failed' });
  });
});

describe('an idle environment', () => {
  it('goes after a while, and a new one comes when it is needed', async () => {
    const echo = host('echo', { idleMs: 200 });
    const { pid } = json(await echo.invoke({}));
    await until(() => !alive(pid));
    expect(json(await echo.invoke({}))['pid']).not.toBe(pid);
  });

  it('stays when its function is kept warm', async () => {
    const echo = host('echo', { idleMs: 100 });
    await echo.warm();
    const { pid } = json(await echo.invoke({}));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(json(await echo.invoke({}))['pid']).toBe(pid);
  });
});

describe('a routed host', () => {
  it('is reached at its loopback fake, with its own name as Host and past the lookup', async () => {
    const fake = createServer((request, response) => {
      response.end(`${request.headers.host} ${request.url} ${String(request.headers['x-seen'])}`);
    });
    await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(fake.address() as AddressInfo).port}`;
    try {
      const routed = host('routed', { routes: { 'acme.example.com': url } });
      expect(json(await routed.invoke({ url: 'https://acme.example.com/a/b?c=d' }))).toEqual({
        status: 200,
        text: 'acme.example.com /a/b?c=d yes',
      });
    } finally {
      fake.closeAllConnections();
      fake.close();
    }
  });

  it('is the only one: every other request keeps its lookup', async () => {
    const routed = host('routed', { routes: { 'acme.example.com': 'http://127.0.0.1:1' } });
    expect(json(await routed.invoke({ url: 'https://other.example.com/' }))).toBe('looked up');
  });
});
