/** An upgrade must not replace anything that holds data: the templates against those of the last release. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { DATA_STACK, SERVICE_STACK } from '../../lib/app.ts';
import { lostExports, statefulReplacements, type ResourceTemplate } from '../../lib/stateful-replacements.ts';
import { causesReplacement, serviceSpec } from './cloudformation-schema.ts';
import { synthesized } from './synthesized.ts';

const replaces = causesReplacement(await serviceSpec());

function baseline(stack: string): ResourceTemplate {
  return JSON.parse(readFileSync(new URL(`baseline/${stack}.json`, import.meta.url), 'utf8')) as ResourceTemplate;
}

describe('an upgrade from the last release', () => {
  it('replaces no table, key or log group', () => {
    const now = synthesized();
    const before = baseline(DATA_STACK);
    expect(Object.keys(before.Resources).length).toBeGreaterThan(5);
    expect(statefulReplacements(before, now.data, replaces)).toEqual([]);
    expect(statefulReplacements(baseline(SERVICE_STACK), now.service, replaces)).toEqual([]);
  });
});

describe('an upgrade of the data stack, which is deployed before the service', () => {
  it('keeps every export that the service of the last release imports', () => {
    const [before, service] = [baseline(DATA_STACK), baseline(SERVICE_STACK)];
    expect(lostExports(before, synthesized().data, service)).toEqual([]);
    expect(lostExports(before, { Resources: {} }, service).length).toBeGreaterThan(5);
  });

  const using = (...names: string[]): ResourceTemplate => ({
    Resources: Object.fromEntries(
      names.map((name) => [name, { Type: 'AWS::X::Y', Properties: { P: [{ 'Fn::ImportValue': `Data:${name}` }] } }]),
    ),
  });
  const exporting = (values: Record<string, unknown>): ResourceTemplate => ({
    Resources: {},
    Outputs: Object.fromEntries(
      Object.entries(values).map(([name, Value]) => [name, { Value, Export: { Name: `Data:${name}` } }]),
    ),
  });

  it('fails when one of them is gone, or means something else', () => {
    const before = exporting({ A: { Ref: 'A' }, B: { Ref: 'B' }, C: { Ref: 'C' } });
    const after = exporting({ A: { Ref: 'A' }, B: { Ref: 'Other' } });
    expect(lostExports(before, after, using('A', 'B', 'C'))).toEqual(['Data:B', 'Data:C']);
  });

  it('may drop what the service did not import, and add', () => {
    expect(lostExports(exporting({ A: 1, B: 2 }), exporting({ A: 1, C: 3 }), using('A'))).toEqual([]);
  });
});

describe('stateful replacements', () => {
  const table = (properties: Record<string, unknown>) => ({
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: properties,
  });
  const compare = (before: ResourceTemplate['Resources'], after: ResourceTemplate['Resources']) =>
    statefulReplacements({ Resources: before }, { Resources: after }, replaces);
  const schema = { KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }], BillingMode: 'PAY_PER_REQUEST' };

  it('name a renamed or removed resource', () => {
    expect(compare({ Old: table(schema) }, { New: table(schema) })).toEqual([
      { logicalId: 'Old', type: 'AWS::DynamoDB::GlobalTable', why: 'is gone' },
    ]);
  });

  it('name a resource that becomes another type', () => {
    const [found] = compare({ T: table(schema) }, { T: { Type: 'AWS::DynamoDB::Table', Properties: schema } });
    expect(found?.why).toBe('becomes AWS::DynamoDB::Table');
  });

  it('name a property that CloudFormation replaces a resource for, also one that is added', () => {
    const other = { ...schema, KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }], TableName: 'named' };
    expect(compare({ T: table(schema) }, { T: table(other) }).map(({ why }) => why)).toEqual([
      'KeySchema changes',
      'TableName changes',
    ]);
    const key = (spec: string) => ({ K: { Type: 'AWS::KMS::Key', Properties: { KeySpec: spec } } });
    expect(compare(key('SYMMETRIC_DEFAULT'), key('RSA_4096')).map(({ why }) => why)).toEqual(['KeySpec changes']);
  });

  it('name a role under another id or another name', () => {
    const role = (RoleName: string) => ({ Type: 'AWS::IAM::Role', Properties: { RoleName } });
    expect(compare({ Old: role('a') }, { New: role('a') }).map(({ why }) => why)).toEqual(['is gone']);
    expect(compare({ R: role('a') }, { R: role('b') }).map(({ why }) => why)).toEqual(['RoleName changes']);
  });

  it('let everything else change', () => {
    expect(compare({ T: table(schema) }, { T: table({ ...schema, BillingMode: 'PROVISIONED' }) })).toEqual([]);
    expect(compare({ F: { Type: 'AWS::Lambda::Function', Properties: { Role: 'a' } } }, {})).toEqual([]);
  });
});
