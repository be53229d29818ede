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

describe('the metrics of the API', () => {
  it('are those of the whole API; each method is counted only where a knob asks for it', () => {
    const detailed = (config = {}) =>
      resources(synthesized(config).service, 'AWS::ApiGateway::Stage').map(([, { Properties }]) =>
        (Properties.MethodSettings as { MetricsEnabled: boolean }[]).map(({ MetricsEnabled }) => MetricsEnabled),
      );
    expect(detailed()).toEqual([[false]]);
    expect(detailed({ detailedMetrics: true })).toEqual([[true]]);
    // What the alarms look at is there without them.
    for (const [, { Properties }] of resources(service, 'AWS::CloudWatch::Alarm'))
      if (Properties.Namespace === 'AWS/ApiGateway')
        expect(Properties.Dimensions).toEqual([{ Name: 'ApiName', Value: 'AllMCP' }]);
  });
});

describe('alarms', () => {
  const alarmNamed = (name: string) => {
    const [found, ...more] = resources(service, 'AWS::CloudWatch::Alarm').filter(([id]) =>
      new RegExp(`^Observability${name}[0-9A-F]{8}$`).test(id),
    );
    if (found === undefined || more.length > 0) throw new Error(`not one alarm ${name}`);
    return found;
  };

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
    expect(patterns.find((pattern) => pattern.includes('PutKeyPolicy'))).toMatch(/CredentialKey[0-9A-F]{8}Arn/);
    const roles = patterns.find((pattern) => pattern.includes('UpdateAssumeRolePolicy')) ?? '';
    for (const [id] of resources(data, 'AWS::IAM::Role')) expect(roles).toContain(id);
    const code = patterns.find((pattern) => pattern.includes('UpdateFunctionCode')) ?? '';
    for (const [id] of resources(service, 'AWS::Lambda::Function')) expect(code).toContain(`{"Ref":"${id}"}`);
  });

  it('go off when Lambda refuses to start any function, also while others are not asked', () => {
    const [, alarm] = alarmNamed('Throttles');
    const [sum, ...metrics] = alarm.Properties.Metrics as { Expression?: string; Id: string; MetricStat?: object }[];
    const counted = JSON.stringify(metrics);
    for (const [id] of resources(service, 'AWS::Lambda::Function'))
      expect([id, counted.includes(`{"Ref":"${id}"}`)]).toEqual([id, !id.includes('Bootstrap')]);
    // What is added to a number that is missing is missing too.
    expect(sum?.Expression).toBe(metrics.map(({ Id }) => `FILL(${Id}, 0)`).join(' + '));
  });

  it('count every caught failure, and every call that was refused because AWS was not available', () => {
    const filters = resources(service, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties);
    const logsOf = (metricName: string) =>
      filters
        .filter(({ MetricTransformations }) => JSON.stringify(MetricTransformations).includes(`"${metricName}"`))
        .map(({ LogGroupName, FilterPattern }) => {
          const { Ref } = LogGroupName as { Ref: string };
          return [Ref.replace(/Logs[0-9A-F]{8}$/, ''), FilterPattern];
        });
    const functions = ['McpEndpointFunction', 'ConnectPagesFunction', 'AdminApiFunction', 'TenantKeysFunction'];
    expect(logsOf('InternalErrors')).toEqual(
      functions.map((name) => [name, '{ ($.level = "ERROR") || ($.outcome = "internal") }']),
    );
    expect(logsOf('Unavailable')).toEqual(functions.map((name) => [name, '{ $.outcome = "unavailable" }']));
    for (const name of ['InternalErrors', 'Unavailable'])
      expect(alarmNamed(name)[1].Properties).toMatchObject({ MetricName: name, Namespace: expect.anything() });
  });

  it('notice a client whose events cannot be worked on, which is no failure of the run', () => {
    const filters = resources(service, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties.FilterPattern);
    expect(filters).toContain('{ $.event = "events of a client failed" }');
    expect(alarmNamed('ClientEventErrors')[1].Properties).toMatchObject({ MetricName: 'ClientEventErrors' });
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
