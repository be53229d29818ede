/** What the alarm `AccessChanged` sees: events of CloudTrail, put to the patterns of the template. */
import { describe, expect, it } from '@jest/globals';
import { readAssembly } from '../../emulator/cloudformation/assembly.ts';
import { EMULATED_PLACE } from '../../emulator/cloudformation/physical.ts';
import { resolveTemplates, type Resource } from '../../emulator/cloudformation/resolve.ts';
import { synthesize } from '../../lib/app.ts';
import { matchesEvent } from './event-pattern.ts';
import { emptyBundles, resources, scratchFolder, synthesized } from './synthesized.ts';

const folder = synthesize(scratchFolder(), { config: {}, bundles: emptyBundles(), checks: false }).directory;
const templates = resolveTemplates(readAssembly(folder), EMULATED_PLACE);
const { account, region } = EMULATED_PLACE;
const named = (type: string, id: string): Resource => {
  const [found, ...more] = templates.ofType(type).filter(({ logicalId }) => logicalId.includes(id));
  if (found === undefined || more.length > 0) throw new Error(`not one ${type} ${id}`);
  return found;
};
const rules = templates
  .ofType('AWS::Events::Rule')
  .filter((rule) => rule.property('EventPattern') !== undefined)
  .map((rule) => ({ ...rule, pattern: rule.property('EventPattern') as Readonly<Record<string, unknown>> }));

const seen = (source: string, eventName: string, requestParameters: object, more: object = {}): boolean => {
  const detail = { eventName, requestParameters, ...more };
  const event = { source: `aws.${source}`, 'detail-type': 'AWS API Call via CloudTrail', detail };
  return rules.some(({ pattern }) => matchesEvent(pattern, event));
};

const [mcpRole, tenantRole] = [named('AWS::IAM::Role', 'McpRole'), named('AWS::IAM::Role', 'TenantRole')];
const restApiId = named('AWS::ApiGateway::RestApi', 'Api').ref;
const alarm = named('AWS::CloudWatch::Alarm', 'AccessChanged').ref;
const keyArn = named('AWS::KMS::Key', 'CredentialKey').arn();
const log = named('AWS::Logs::LogGroup', 'BreakGlassLog').ref;

const FUNCTION_EVENTS = [
  'UpdateFunctionCode20150331v2',
  'UpdateFunctionConfiguration20150331v2',
  'CreateFunction20150331',
  'AddPermission20150331v2',
  'CreateFunctionUrlConfig',
  'DeleteFunction20150331',
  'PublishVersion20150331',
];
const API_EVENTS = [
  'UpdateAuthorizer',
  'UpdateMethod',
  'PutMethod',
  'PutIntegration',
  'UpdateIntegration',
  'PutRestApi',
  'CreateDeployment',
];

describe('alarms', () => {
  it.each([
    ['PutKeyPolicy', keyArn],
    ['CreateGrant', keyArn],
    ['DisableKey', keyArn],
  ])('notice %s on the key', (eventName, ARN) => {
    expect(seen('kms', eventName, {}, { resources: [{ type: 'AWS::KMS::Key', ARN }] })).toBe(true);
    expect(seen('kms', eventName, {}, { resources: [{ ARN: `${ARN}x` }] })).toBe(false);
  });

  it.each(['UpdateAssumeRolePolicy', 'PutRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy', 'DeleteRole'])(
    'notice %s on any role',
    (eventName) => {
      for (const { ref } of templates.ofType('AWS::IAM::Role').filter(({ stack }) => stack === mcpRole.stack))
        expect([ref, seen('iam', eventName, { roleName: ref })]).toEqual([ref, true]);
      expect(seen('iam', eventName, { roleName: 'somebody' })).toBe(false);
    },
  );

  it("notice a role of ours in the request of a function's making or change, whatever the function", () => {
    for (const eventName of ['CreateFunction20150331', 'UpdateFunctionConfiguration20150331v2']) {
      for (const role of [mcpRole, tenantRole])
        expect(seen('lambda', eventName, { functionName: 'somebodys', role: role.arn() })).toBe(true);
      expect(seen('lambda', eventName, { functionName: 'somebodys', role: `${mcpRole.arn()}2` })).toBe(false);
    }
  });

  it("notice a change of any function, however it is named, and of the API's routes, integrations and authorizer", () => {
    for (const eventName of FUNCTION_EVENTS) {
      for (const { ref, arn } of templates.ofType('AWS::Lambda::Function'))
        for (const functionName of [ref, arn(), `${account}:function:${ref}`, `${ref}:$LATEST`, `${arn()}:$LATEST`])
          expect([functionName, seen('lambda', eventName, { functionName })]).toEqual([functionName, true]);
      expect(seen('lambda', eventName, { functionName: 'somebodys' })).toBe(false);
    }
    for (const eventName of API_EVENTS) {
      expect([eventName, seen('apigateway', eventName, { restApiId })]).toEqual([eventName, true]);
      expect(seen('apigateway', eventName, { restApiId: 'another' })).toBe(false);
    }
  });

  it.each(['DisableRule', 'DeleteRule', 'PutRule'])('notice %s on each rule that notices, itself too', (eventName) => {
    expect(rules.length).toBeGreaterThanOrEqual(6);
    for (const { ref } of rules) expect([ref, seen('events', eventName, { name: ref })]).toEqual([ref, true]);
    expect(seen('events', eventName, { name: 'somebodys' })).toBe(false);
  });

  it('notice that what tells of a change is taken away: targets, the alarm, the log, a trail', () => {
    for (const { ref } of rules) expect(seen('events', 'RemoveTargets', { rule: ref, ids: ['Target0'] })).toBe(true);
    for (const eventName of ['DeleteAlarms', 'DisableAlarmActions']) {
      expect(seen('monitoring', eventName, { alarmNames: ['x', alarm] })).toBe(true);
      expect(seen('monitoring', eventName, { alarmNames: ['x'] })).toBe(false);
    }
    expect(seen('monitoring', 'PutMetricAlarm', { alarmName: alarm })).toBe(true);
    expect(seen('logs', 'DeleteLogGroup', { logGroupName: log })).toBe(true);
    for (const eventName of ['StopLogging', 'DeleteTrail']) expect(seen('cloudtrail', eventName, {})).toBe(true);
  });

  it('notice a policy that opens a table to another account', () => {
    for (const table of templates.ofType('AWS::DynamoDB::GlobalTable'))
      expect(seen('dynamodb', 'PutResourcePolicy', { resourceArn: table.arn() })).toBe(true);
  });

  it('count the events of every rule that notices', () => {
    const counted = JSON.stringify(named('AWS::CloudWatch::Alarm', 'AccessChanged').property('Metrics'));
    for (const { ref } of rules) expect(counted).toContain(`{"Name":"RuleName","Value":"${ref}"}`);
  });
});

describe('the patterns', () => {
  it('are short enough for EventBridge, with names as long as they can be', () => {
    for (const { logicalId, pattern } of rules) {
      const text = JSON.stringify(pattern);
      const names = templates
        .ofType('AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Events::Rule', 'AWS::CloudWatch::Alarm')
        .map(({ ref }) => ref)
        .toSorted((a, b) => b.length - a.length);
      const longest = names.reduce((padded, ref) => padded.replaceAll(ref, ref.padEnd(64, 'x')), text);
      expect([logicalId, longest.length < 2048 ? 'fits' : longest.length]).toEqual([logicalId, 'fits']);
    }
  });
});

describe('the policy of the log of changes', () => {
  const policyOf = (logs: object) => resources(synthesized({ logs }).service, 'AWS::Logs::ResourcePolicy');

  it('lets EventBridge write for our rules only', () => {
    const [policy, ...more] = templates.ofType('AWS::Logs::ResourcePolicy');
    expect(more).toEqual([]);
    const { Statement } = JSON.parse(String(policy?.property('PolicyDocument'))) as {
      Statement: { Action: string; Condition?: object }[];
    };
    expect(Statement.map(({ Action }) => Action)).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
    expect(Statement[1]?.Condition).toEqual({
      ArnEquals: { 'aws:SourceArn': rules.map(({ ref }) => `arn:aws:events:${region}:${account}:rule/${ref}`) },
    });
  });

  it('is left out where the account has one of its own, of the ten it can have', () => {
    expect(policyOf({})).toHaveLength(1);
    expect(policyOf({ eventsPolicy: 'existing' })).toEqual([]);
  });
});
