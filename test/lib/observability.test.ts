/** What is written down and what wakes someone: the access log and the alarms. */
import { describe, expect, it } from '@jest/globals';
import { accessLogFormat } from './rest-api.ts';
import { resources, synthesized } from './synthesized.ts';

const { data, service } = synthesized();

describe('the access log', () => {
  const [[, stage] = []] = resources(service, 'AWS::ApiGateway::Stage');

  it('holds no query string, header, body, path as sent or address of a caller', () => {
    expect(Object.values(accessLogFormat(service)).toSorted()).toEqual([
      '$context.authorizer.keyId',
      '$context.authorizer.latency',
      '$context.error.responseType',
      '$context.httpMethod',
      '$context.integration.latency',
      '$context.requestId',
      '$context.resourcePath',
      '$context.responseLatency',
      '$context.status',
    ]);
  });

  it('is the only log of the API: execution logs, which can hold keys, are off', () => {
    expect(stage?.Properties.MethodSettings).toEqual([
      expect.objectContaining({ LoggingLevel: 'OFF', DataTraceEnabled: false, HttpMethod: '*', ResourcePath: '/*' }),
    ]);
  });

  it('leaves the account-wide role of API Gateway alone where the account has its own', () => {
    expect(resources(service, 'AWS::ApiGateway::Account')).toHaveLength(1);
    const own = synthesized({ logs: { apiGatewayAccountRole: 'existing' } }).service;
    expect(resources(own, 'AWS::ApiGateway::Account')).toEqual([]);
    expect(resources(own, 'AWS::IAM::Role')).toEqual([]);
  });
});

describe('alarms', () => {
  it('each say what to do next, and notify the topic when there is one', () => {
    const alarms = resources(service, 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThanOrEqual(6);
    for (const [, alarm] of alarms) {
      expect(alarm.Properties.AlarmDescription).toMatch(/ Next: /);
      expect(alarm.Properties).not.toHaveProperty('AlarmActions');
    }
    const topicArn = 'arn:aws:sns:eu-central-1:111122223333:ops';
    const notified = synthesized({ alarms: { topicArn } }).service;
    for (const [, alarm] of resources(notified, 'AWS::CloudWatch::Alarm'))
      expect(alarm.Properties.AlarmActions).toEqual([topicArn]);
  });

  it('notice a change of the key policy, of any role that leads to credentials, and of the code of any function', () => {
    const patterns = resources(service, 'AWS::Events::Rule').flatMap(([, { Properties }]) =>
      Properties.EventPattern === undefined ? [] : [JSON.stringify(Properties.EventPattern)],
    );
    expect(patterns).toHaveLength(3);
    expect(patterns.find((pattern) => pattern.includes('PutKeyPolicy'))).toMatch(/CredentialKey[0-9A-F]{8}Arn/);
    const roles = patterns.find((pattern) => pattern.includes('UpdateAssumeRolePolicy')) ?? '';
    for (const [id] of resources(data, 'AWS::IAM::Role')) expect(roles).toContain(id);
    const code = patterns.find((pattern) => pattern.includes('UpdateFunctionCode')) ?? '';
    for (const [id] of resources(service, 'AWS::Lambda::Function')) {
      expect(code).toContain(`{"Ref":"${id}"}`);
      expect(code).toContain(`{"Fn::GetAtt":["${id}","Arn"]}`);
    }
  });

  it('notice an event that a receiver has refused for an hour, and one that is given up', () => {
    const filters = resources(service, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties);
    const overdue = filters.find(({ FilterPattern }) => String(FilterPattern).includes('event overdue'));
    expect(overdue).toMatchObject({
      FilterPattern: '{ ($.event = "event overdue") || ($.event = "event given up") }',
      LogGroupName: { Ref: expect.stringContaining('EventDeliveryFunctionLogs') },
    });
  });

  it('count failed key checks from the access log, because a refused key is no failure', () => {
    const filters = resources(service, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties.FilterPattern);
    expect(filters).toContain('{ $.error = "AUTHORIZER_*" }');
    expect(accessLogFormat(service)).toHaveProperty('error', '$context.error.responseType');
  });
});
