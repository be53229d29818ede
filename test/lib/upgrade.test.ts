/** An upgrade must not replace anything that holds data: the templates against those of the last release. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { DATA_STACK, SERVICE_STACK } from '../../lib/app.ts';
import { statefulReplacements, type ResourceTemplate } from '../../lib/stateful-replacements.ts';
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

  it('let everything else change', () => {
    expect(compare({ T: table(schema) }, { T: table({ ...schema, BillingMode: 'PROVISIONED' }) })).toEqual([]);
    expect(compare({ F: { Type: 'AWS::Lambda::Function', Properties: { Role: 'a' } } }, {})).toEqual([]);
  });
});
