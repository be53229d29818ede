/** The outcome is what happened at the provider, whatever call of AWS fails, slows or is cut on the way. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDynamoDb, type TestDynamoDb } from '../fakes/dynamodb.ts';
import { createFaultyAws } from './faulty-aws.ts';
import { flowsOver } from './flows.ts';
import { describe as inWords, everyFault, type Case, type Ways } from './matrix.ts';

/** All that differ for a caller; `npm run faults` tries those too that only take longer to say the same. */
const WAYS: Ways = { once: ['throttle', 'slow', 'down', 'cut'], lasting: ['down'] };

const world: { db?: TestDynamoDb; cases: Case[] } = { cases: [] };
beforeAll(async () => {
  world.db = await startDynamoDb();
  const aws = createFaultyAws(world.db);
  for await (const one of everyFault(aws, flowsOver(aws, world.db.tenantsTable), WAYS)) world.cases.push(one);
}, 300_000);
afterAll(() => world.db?.stop());

describe('every call of AWS that fails', () => {
  it('is one of every flow, in every way', () => {
    const flows = new Set(world.cases.map(({ flow }) => flow));
    expect([...flows]).toEqual(['read', 'write', 'refresh', 'consent', 'connect']);
    expect(new Set(world.cases.map(({ plan }) => plan.kind))).toEqual(new Set(WAYS.once));
    for (const flow of flows)
      expect(world.cases.filter((one) => one.flow === flow).length).toBeGreaterThan(4 * WAYS.once.length);
  });

  it('leaves the caller with the truth, and no account lost', () => {
    expect(world.cases.filter(({ problems }) => problems.length > 0).map(inWords)).toEqual([]);
  });
});
