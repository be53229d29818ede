/**
 * The real AWS clients over tables in memory and a key service, each call of which can be made to fail as the SDK lets its
 * caller see it after its own tries. No time passes: what is slow has failed already.
 */
import { randomBytes } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { createDynamoDbClient, createKmsClient, createStsClient } from '../../adapters/aws/aws-clients.ts';
import type { TenantSession } from '../../adapters/aws/tenant-session.ts';
import { fakeKms } from '../fakes/kms.ts';

/**
 * `throttle`, `down`: not done. `slow`: done, answered too late for every try. `cut`: done, the answer lost, and tried again
 * with success by the SDK. `lost`: done, and no try was answered.
 */
export const KINDS = ['throttle', 'slow', 'down', 'cut', 'lost'] as const;
export type Kind = (typeof KINDS)[number];

export interface Plan {
  readonly kind: Kind;
  /** Number of the call that fails, from 1. */
  readonly nth: number;
  /** All later ones too: an outage that lasts. */
  readonly onwards: boolean;
}

type Pass = () => Promise<unknown>;

export function createFaultyAws({ endpoint }: { readonly endpoint: string }) {
  const region = 'eu-central-1';
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const calls: string[] = [];
  let plan: Plan | undefined;
  let listener: (() => void) | undefined;

  async function through(name: string, pass: Pass): Promise<unknown> {
    calls.push(name);
    const fails = plan !== undefined && (plan.onwards ? calls.length >= plan.nth : calls.length === plan.nth);
    if (plan === undefined || !fails) return pass();
    switch (plan.kind) {
      case 'throttle':
        throw failure('ThrottlingException', { $metadata: { httpStatusCode: 400 } });
      case 'down':
        throw failure('ServiceUnavailable', { $metadata: { httpStatusCode: 503 } });
      case 'slow':
        await pass().catch(() => undefined);
        throw failure('TimeoutError');
      case 'cut':
        await pass().catch(() => undefined);
        return pass();
      case 'lost':
        await pass().catch(() => undefined);
        throw failure('Error', { code: 'ECONNRESET' });
    }
  }

  const dynamodb = createDynamoDbClient({ endpoint, region, credentials });
  dynamodb.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) =>
        (await through(`dynamodb:${named(commandName)}`, () => next(args))) as Awaited<ReturnType<typeof next>>,
    { step: 'initialize', priority: 'low' },
  );

  const keys = fakeKms();
  const kms = createKmsClient({ region, credentials });
  kms.middlewareStack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => {
        const asked = { input, constructor: { name: commandName } };
        const output = await through(`kms:${named(commandName)}`, () => keys.send(asked as never));
        return { output, response: {} } as never;
      },
    { step: 'initialize', priority: 'low' },
  );

  const sts = createStsClient({ region, credentials });
  sts.middlewareStack.add(
    () => async () => ({ output: await through('sts:AssumeRole', async () => ({})), response: {} }) as never,
    { step: 'initialize', priority: 'low' },
  );

  /** Sessions of an environment that has just started: the first use of each tenant asks STS. */
  function sessions() {
    const held = new Map<string, TenantSession>();
    return async (of: unknown): Promise<TenantSession> => {
      const key = JSON.stringify(of);
      const known = held.get(key);
      if (known !== undefined) return known;
      await sts.send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::1:role/Tenant', RoleSessionName: 'tenant' }));
      const session = { dynamodb, kms };
      held.set(key, session);
      return session;
    };
  }

  return {
    dynamodb: dynamodb as DynamoDBClient,
    kms,
    sessions,
    /** The calls since the last plan, e.g. `dynamodb:UpdateItem`. */
    calls: (): readonly string[] => [...calls],
    /** Starts to count anew; undefined: nothing fails. */
    plan: (next: Plan | undefined): void => {
      listener?.();
      plan = next;
      calls.splice(0);
    },
    /** Told before each new plan, while the calls of the last one can still be read. */
    onPlan: (told: (() => void) | undefined): void => void (listener = told),
    newId: () => randomBytes(9).toString('base64url'),
  };
}

export type FaultyAws = ReturnType<typeof createFaultyAws>;

function failure(name: string, more: object = {}): Error {
  return Object.assign(new Error('as planned'), { name, ...more });
}

function named(command: string): string {
  return command.replace(/Command$/, '');
}
