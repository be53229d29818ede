/**
 * The process that refreshes is killed (SIGKILL), once at each of its steps, each time with an account of its own. An
 * account is lost only when the provider has used the token up and the new pair was never stored, and then it is said
 * plainly. All kills come first: the leases of the dead lapse side by side.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { itemKeys } from '../../adapters/aws/schema.ts';
import { DEFAULT_CONNECTION } from '../../core/vault/connection.ts';
import { tenantId } from '../../core/tenant/tenant.ts';
import type { Payload } from '../../emulator/dynamodb/dynamodb.ts';
import { startDynamoDbEndpoint, type DynamoDbEndpoint } from '../fakes/dynamodb-endpoint.ts';
import type { Hold } from '../fakes/hold.ts';
import type { KommoAccount } from '../fakes/kommo.ts';
import { describeProcesses, mcpProcesses } from './function-processes.ts';
import { CLIENT, isLead, setUpKommo, type KommoSetUp } from './kommo-set-up.ts';
import { callTool, rpc, type HttpAnswer, type ToolAnswer } from './rpc.ts';
import { START_TIMEOUT_MS } from './runtime.ts';

const LEAD = 7;
/** Calls that wait for a refresh when its process is killed. */
const WAITING = 3;
/** One for each call that waits for a lease at the same time, and some; one caller gets half of the environments at most. */
const PROCESSES = 16;

let tables: DynamoDbEndpoint;
let world: KommoSetUp;

interface Step {
  readonly user: string;
  readonly title: string;
  /** Stops the refresh there. */
  readonly hold: (account: KommoAccount, user: string) => Hold;
  /** Successful refreshes when it is over, and refusals of a used token. */
  readonly refreshed: number;
  readonly reused: number;
  readonly isLost: boolean;
  readonly end: string;
}

const kept = { refreshed: 1, reused: 0, isLost: false, end: 'the account is kept' } as const;
const lost = { refreshed: 1, reused: 1, isLost: true, end: 'the account is lost, and that is said plainly' } as const;
const STEPS: readonly Step[] = [
  {
    user: 'leasing',
    title: 'when its lease is written and it does not know yet',
    hold: (_account, user) => tables.hold('after', isUpdate(user, 'SET lease_holder')),
    ...kept,
  },
  {
    user: 'leased',
    title: 'after it has taken the lease and before it asks the provider',
    hold: () => tables.hold('before', (operation, payload) => operation === 'GetItem' && isAboutApp(payload)),
    ...kept,
  },
  {
    user: 'asking',
    title: 'while its request is on the way and the provider has not used the token up',
    hold: (account) => account.holdToken('before_use'),
    ...kept,
  },
  {
    user: 'used',
    title: 'after the provider has used the token up and before the answer arrives',
    hold: (account) => account.holdToken('after_use'),
    ...lost,
  },
  {
    user: 'answered',
    title: 'after the answer has arrived and before it is stored',
    hold: (_account, user) => tables.hold('before', isUpdate(user, ':replaces')),
    ...lost,
  },
  {
    user: 'storing',
    title: 'when the new pair is stored and it does not know yet',
    hold: (_account, user) => tables.hold('after', isUpdate(user, ':replaces')),
    ...kept,
  },
  {
    user: 'stored',
    title: 'after it has stored the new pair and before it answers its caller',
    hold: (account) => account.holdCall(),
    ...kept,
  },
];

/** The same while other processes wait for the refresh. */
const CROWDS = [
  { user: 'crowd-asking', title: 'the token was not used up: each of them is answered', moment: 'before_use', ...kept },
  {
    user: 'crowd-used',
    title: 'the token was used up: each of them is told to reconnect',
    moment: 'after_use',
    ...lost,
  },
] as const;

function isUpdate(user: string, part: string): (operation: string, payload: Payload) => boolean {
  return (operation, { Key, UpdateExpression, ConditionExpression }) =>
    operation === 'UpdateItem' &&
    JSON.stringify(Key) === JSON.stringify(keyOf(user)) &&
    `${String(UpdateExpression)} ${String(ConditionExpression)}`.includes(part);
}

/** The OAuth app is read when the lease is there: its secret is what the provider is asked with. */
function isAboutApp({ Key }: Payload): boolean {
  return JSON.stringify(Key).includes('OAPP#');
}

function keyOf(user: string): Payload {
  const { pk, sk } = itemKeys.tenant.connection(tenantId({ client: CLIENT, user }), 'kommo', DEFAULT_CONNECTION);
  return { pk: { S: pk }, sk: { S: sk } };
}

interface StoredRow {
  readonly ct?: { readonly B: string };
}

async function rowOf(user: string): Promise<StoredRow> {
  const table = world.runtime.model.tables.find(({ name }) => name.includes('Tenants'))?.name;
  const { Item } = await tables.call('GetItem', { TableName: table, Key: keyOf(user), ConsistentRead: true });
  return Object(Item) as StoredRow;
}

interface Killed {
  /** What the caller of the killed process was answered. */
  readonly answer: Promise<HttpAnswer>;
  readonly isHeld: boolean;
  /** The killed processes of the function. */
  readonly pids: readonly number[];
  readonly rowBefore: StoredRow;
}

/** Starts a call, waits until its refresh stands at the hold, and kills the process that it stands in. */
async function kill(user: string, hold: Hold, meanwhile: () => Promise<void> = async () => {}): Promise<Killed> {
  const { askedForTokens } = world.accountOf(user);
  const rowBefore = await rowOf(user);
  const asked = askedForTokens.length;
  const answer = rpc(world.targetOf(user), 'tools/call', { name: 'kommo_get_lead', arguments: { lead_id: LEAD } });
  const isHeld = await Promise.race([hold.reached.then(() => true), answer.then(() => false)]);
  await meanwhile();
  const running = mcpProcesses();
  // By its connection to the provider. Before there is one, only this call runs: all others are idle, and go with it.
  const known = askedForTokens[asked];
  const pids = known === undefined ? running : [known];
  if (isHeld) for (const pid of pids) process.kill(pid, 'SIGKILL');
  await answer;
  hold.end('drop');
  return { answer, isHeld, pids, rowBefore };
}

interface Ended extends Killed {
  /** Of the next call, or of those that were waiting. */
  readonly next: readonly ToolAnswer[];
}

const ended = new Map<string, Ended>();
function endOf(user: string): Ended {
  const end = ended.get(user);
  if (end === undefined) throw new Error(`nothing happened to ${user}`);
  return end;
}

async function killAll(): Promise<void> {
  const began = performance.now();
  const killed = new Map<string, Killed>();
  const next = new Map<string, readonly Promise<ToolAnswer>[]>();
  // One call at a time, so that there is one process to kill.
  for (const { user, hold } of STEPS) killed.set(user, await kill(user, hold(world.accountOf(user), user)));
  for (const { user, moment } of CROWDS) {
    await world.startProcesses('warm', 1 + WAITING);
    const crowd = (): Promise<void> =>
      world.untilRead(WAITING, () =>
        next.set(
          user,
          Array.from({ length: WAITING }, () => world.getLead(user, LEAD)),
        ),
      );
    killed.set(user, await kill(user, world.accountOf(user).holdToken(moment), crowd));
  }
  const killing = ((performance.now() - began) / 1000).toFixed(1);
  for (const { user } of STEPS) next.set(user, [world.getLead(user, LEAD)]);
  for (const [user, one] of killed) ended.set(user, { ...one, next: await Promise.all(next.get(user) ?? []) });
  const all = ((performance.now() - began) / 1000).toFixed(1);
  process.stderr.write(`  ${killed.size} processes killed in ${killing} s; the last lease lapsed after ${all} s\n`);
}

const isGood = (answer: ToolAnswer): boolean => isLead(answer, LEAD);

async function expectKept(user: string): Promise<void> {
  expect(endOf(user).next.filter((answer) => !isGood(answer))).toEqual([]);
  const { value } = await callTool(world.targetOf(user), 'list_connections');
  expect(value['connections']).toMatchObject([{ provider_key: 'kommo', status: 'active' }]);
  expect(isGood(await world.getLead(user, LEAD))).toBe(true);
}

async function expectLost(user: string): Promise<void> {
  const { next, rowBefore } = endOf(user);
  for (const { isError, value } of next)
    expect([isError, value]).toMatchObject([
      true,
      { code: 'reconnect_required', next: expect.stringContaining('connect_provider(') },
    ]);
  const { value } = await callTool(world.targetOf(user), 'list_connections');
  expect(value['connections']).toMatchObject([{ provider_key: 'kommo', status: 'needs_reconnecting' }]);
  // What is dead is kept: nothing here ever deletes a credential by itself.
  expect(rowBefore.ct?.B).toBeDefined();
  expect((await rowOf(user)).ct).toEqual(rowBefore.ct);
  const { askedForTokens } = world.accountOf(user);
  const asked = askedForTokens.length;
  expect((await world.getLead(user, LEAD)).value).toMatchObject({ code: 'reconnect_required' });
  expect(askedForTokens).toHaveLength(asked);
  await world.connect(user);
  expect(isGood(await world.getLead(user, LEAD))).toBe(true);
}

describeProcesses()('a process that is killed while it refreshes', () => {
  beforeAll(async () => {
    tables = await startDynamoDbEndpoint();
    const users = [...STEPS, ...CROWDS].map(({ user }) => ({ user, lives: 1 }));
    world = await setUpKommo([...users, { user: 'warm' }], {
      dynamodb: tables.url,
      maxEnvironments: PROCESSES,
    });
    for (const { user } of users) world.accountOf(user).endAccess();
    await killAll();
  }, START_TIMEOUT_MS + 60_000);
  afterAll(async () => {
    await world.stop();
    await tables.stop();
  });

  it.each(STEPS)('$title: $end', async ({ user, isLost, refreshed, reused }) => {
    const { isHeld, pids, answer } = endOf(user);
    expect([isHeld, pids.length > 0]).toEqual([true, true]);
    expect((await answer).status).toBe(502);
    expect(world.accountOf(user).counts).toMatchObject({ exchanged: 1, refreshed, reused });
    await (isLost ? expectLost(user) : expectKept(user));
    expect(world.accountOf(user).counts).toMatchObject({ refreshed, reused });
  });

  it.each(CROWDS)('while others wait for it, and $title', async ({ user, isLost, refreshed, reused }) => {
    const { isHeld, pids, answer, next } = endOf(user);
    expect(isHeld).toBe(true);
    expect(pids).toHaveLength(1);
    expect((await answer).status).toBe(502);
    expect(next).toHaveLength(WAITING);
    expect(world.accountOf(user).counts).toMatchObject({ exchanged: 1, refreshed, reused });
    await (isLost ? expectLost(user) : expectKept(user));
  });
});
