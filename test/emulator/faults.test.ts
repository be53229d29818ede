/** Failures of AWS on purpose, as the real SDK sees them. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { describe, expect, it } from '@jest/globals';
import { createFaults, NO_FAULTS, type FaultKind, type Faults, type PlannedFault } from '../../emulator/faults.ts';
import { put, role, setUpAws } from './set-up.ts';

const planned = (kind: FaultKind, nth?: number): PlannedFault => ({
  service: 'dynamodb',
  operation: 'UpdateItem',
  kind,
  nth,
});
const call = (invocation: string, operation = 'UpdateItem') => ({ service: 'dynamodb', operation, invocation });

describe('planned faults', () => {
  it('do not happen before they are armed, and count from then on', () => {
    const faults = createFaults([planned('throttle', 1)]);
    expect(faults.of(call('a'))).toBeUndefined();
    faults.arm();
    expect(faults.of(call('b'))).toBe('throttle');
    expect(faults.of(call('c'))).toBeUndefined();
  });

  it('fail a call with all its tries, and no other', () => {
    const faults = createFaults([planned('down', 2)]);
    faults.arm();
    const told = ['a', 'a', 'b', 'b', 'b', 'c'].map((id) => faults.of(call(id)));
    expect(told).toEqual([undefined, undefined, 'down', 'down', 'down', undefined]);
  });

  it('without a number fail every call of the operation, and of no other', () => {
    const faults = createFaults([planned('cut')]);
    faults.arm();
    expect([faults.of(call('a')), faults.of(call('b')), faults.of(call('c', 'GetItem'))]).toEqual([
      'cut',
      'cut',
      undefined,
    ]);
  });

  it('of a star fail every operation of the service', () => {
    const faults = createFaults([{ service: 'kms', operation: '*', kind: 'down' }]);
    faults.arm();
    expect(faults.of({ service: 'kms', operation: 'Decrypt', invocation: 'a' })).toBe('down');
    expect(faults.of(call('b'))).toBeUndefined();
  });
});

const current: { faults: Faults } = { faults: NO_FAULTS };
const aws = await setUpAws({ arm: () => undefined, of: (request) => current.faults.of(request) });

function failNow(service: PlannedFault['service'], operation: string, kind: FaultKind): void {
  current.faults = createFaults([{ service, operation, kind }]);
  current.faults.arm();
}

describe('a call that fails on purpose', () => {
  async function failing(kind: FaultKind) {
    const tenant = `acme-${kind}`;
    const pk = `T#${tenant}`;
    const { dynamodb } = aws.client(aws.issue(role('Tenant'), { c: tenant }));
    failNow('dynamodb', 'PutItem', kind);
    const error = await dynamodb.send(put(pk)).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'Rows', Key: { pk: { S: pk } } }));
    return { error, isDone: Item !== undefined };
  }

  it('is throttled as DynamoDB throttles, and not done', async () => {
    const { error, isDone } = await failing('throttle');
    expect(error).toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    expect(isDone).toBe(false);
  });

  it('is answered 503 by a service that is down, and not done', async () => {
    const { error, isDone } = await failing('down');
    expect(error).toMatchObject({ $metadata: { httpStatusCode: 503 } });
    expect(isDone).toBe(false);
  });

  it('is done when only its answer is cut', async () => {
    const { error, isDone } = await failing('cut');
    expect(String(error)).toContain('socket hang up');
    expect(isDone).toBe(true);
  });

  it('of STS is refused in the words of STS', async () => {
    const { sts } = aws.client(aws.issue(role('Function')));
    failNow('sts', 'AssumeRole', 'throttle');
    const asked = sts.send(new AssumeRoleCommand({ RoleArn: role('Tenant'), RoleSessionName: 'test' }));
    await expect(asked).rejects.toMatchObject({ name: 'Throttling' });
  });
});
