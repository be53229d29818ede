/**
 * `npm run faults`: every call of AWS of a read, a write, a renewal, a consent and connecting, failing in every way, once and
 * for good; a line for each with what the caller was told and what the provider had done. Exit code 1 when a line is untrue.
 */
import { startDynamoDb } from '../fakes/dynamodb.ts';
import { createFaultyAws } from './faulty-aws.ts';
import { flowsOver } from './flows.ts';
import { describe, everyFault } from './matrix.ts';

const db = await startDynamoDb();
const aws = createFaultyAws(db);
const tally = new Map<string, number>();
let untrue = 0;
for await (const one of everyFault(aws, flowsOver(aws, db.tenantsTable))) {
  process.stdout.write(`${one.problems.length === 0 ? 'ok  ' : 'WRONG'} ${describe(one)}\n`);
  const told = `${one.flow}: ${one.outcome.told.code}`;
  tally.set(told, (tally.get(told) ?? 0) + 1);
  if (one.problems.length > 0) untrue += 1;
}
await db.stop();
const cases = [...tally.values()].reduce((sum, count) => sum + count, 0);
for (const [told, count] of tally) process.stdout.write(`${String(count).padStart(5)}  ${told}\n`);
process.stdout.write(`${cases} cases, ${untrue} untrue\n`);
process.exitCode = untrue === 0 ? 0 : 1;
