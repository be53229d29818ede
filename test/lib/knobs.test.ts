/** Every knob reaches the template: one deployment with each of them away from its default. */
import { describe, expect, it } from '@jest/globals';
import { FUNCTIONS } from '../../lib/functions.ts';
import type { DeployConfig } from '../../lib/deploy-config.ts';
import { resources, synthesized, type TemplateJson } from './synthesized.ts';

type Every<T> = { [K in keyof T]-?: T[K] extends object ? Every<T[K]> : NonNullable<T[K]> };

/** The type makes a new knob an error here until it is tried too. */
const everyKnob: Every<DeployConfig> = {
  name: 'staging',
  stage: 'prod',
  data: { retain: false, recoveryDays: 7, maxReadUnits: 11, maxWriteUnits: 12 },
  functions: {
    mcp: { memoryMb: 1001, timeoutSeconds: 101 },
    admin: { memoryMb: 1002, timeoutSeconds: 21, reservedConcurrency: 5 },
    connect: { memoryMb: 1004, timeoutSeconds: 22, reservedConcurrency: 6 },
    events: { memoryMb: 1005, timeoutSeconds: 105 },
    authorizer: { memoryMb: 1003, timeoutSeconds: 3, reservedConcurrency: 7 },
  },
  allowedOrigins: ['https://app.example.com', 'http://intranet:8080'],
  publicUrl: 'https://mcp.example.com/tools',
  throttle: { requestsPerSecond: 13, burst: 14 },
  logs: { retentionDays: 30, apiGatewayAccountRole: 'existing', eventsPolicy: 'existing' },
  alarms: { topicArn: 'arn:aws:sns:eu-central-1:111122223333:ops' },
  detailedMetrics: true,
  tracing: true,
};

const { data, service } = synthesized(everyKnob);

describe('every knob', () => {
  it('of the data reaches both tables and the key', () => {
    const tables = properties(data, 'AWS::DynamoDB::GlobalTable');
    expect(tables).toHaveLength(2);
    for (const table of tables)
      expect(table).toMatchObject({
        Replicas: [
          {
            DeletionProtectionEnabled: false,
            PointInTimeRecoverySpecification: { RecoveryPeriodInDays: 7 },
            ReadOnDemandThroughputSettings: { MaxReadRequestUnits: 11 },
          },
        ],
        WriteOnDemandThroughputSettings: { MaxWriteRequestUnits: 12 },
      });
    expect(resources(data, 'AWS::KMS::Key').map(([, key]) => key.DeletionPolicy)).toEqual(['Delete']);
  });

  it('of the functions reaches each function, and the stream outlives the function', () => {
    const sizes = resources(service, 'AWS::Lambda::Function').map(([id, { Properties }]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      Properties.MemorySize,
      Properties.Timeout,
    ]);
    expect(sizes).toEqual([
      ['KeyAuthorizerFunction', 1003, 3],
      ['McpEndpointFunction', 1001, 101],
      ['ConnectPagesFunction', 1004, 22],
      ['AdminApiFunction', 1002, 21],
      ['AdminApiBootstrap', 1002, 21],
      ['EventDeliveryFunction', 1005, 105],
      ['TenantKeysFunction', 1002, 21],
    ]);
    const reserved = resources(service, 'AWS::Lambda::Function').map(([id, { Properties }]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      Properties['ReservedConcurrentExecutions'],
    ]);
    // One function each: not the others that share a size, and never the one that waits for providers.
    expect(reserved.filter(([, kept]) => kept !== undefined)).toEqual([
      ['KeyAuthorizerFunction', 7],
      ['ConnectPagesFunction', 6],
      ['AdminApiFunction', 5],
    ]);
    const streams = properties(service, 'AWS::ApiGateway::Method').flatMap(({ Integration }) => {
      const { ResponseTransferMode, TimeoutInMillis } = Integration as Record<string, unknown>;
      return ResponseTransferMode === 'STREAM' ? [TimeoutInMillis] : [];
    });
    expect(streams).toEqual(Array.from({ length: 7 }, () => 106_000));
  });

  it('of the web origins reaches the MCP function, which is the one that compares them', () => {
    const origins = resources(service, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
      const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
      return 'ALLOWED_ORIGINS' in Variables ? [[id.replace(/[0-9A-F]{8}$/, ''), Variables['ALLOWED_ORIGINS']]] : [];
    });
    expect(origins).toEqual([['McpEndpointFunction', 'https://app.example.com http://intranet:8080']]);
  });

  it('of the API, its logs and its alarms reaches the stage, every log group and every alarm', () => {
    expect(properties(service, 'AWS::ApiGateway::Stage')).toEqual([
      expect.objectContaining({
        StageName: 'prod',
        TracingEnabled: true,
        MethodSettings: [
          expect.objectContaining({ ThrottlingRateLimit: 13, ThrottlingBurstLimit: 14, MetricsEnabled: true }),
        ],
      }),
    ]);
    const groups = properties(service, 'AWS::Logs::LogGroup');
    // One for each function, the access log and what breaks glass.
    expect(groups).toHaveLength(FUNCTIONS.length + 2);
    for (const group of groups) expect(group.RetentionInDays).toBe(30);
    for (const alarm of properties(service, 'AWS::CloudWatch::Alarm'))
      expect(alarm.AlarmActions).toEqual([everyKnob.alarms.topicArn]);
    expect(properties(service, 'AWS::ApiGateway::Account')).toEqual([]);
    expect(properties(service, 'AWS::Logs::ResourcePolicy')).toEqual([]);
    for (const fn of properties(service, 'AWS::Lambda::Function')) expect(fn.TracingConfig).toEqual({ Mode: 'Active' });
  });

  it('left away from the data leaves the tables without a ceiling', () => {
    const tables = properties(synthesized().data, 'AWS::DynamoDB::GlobalTable');
    for (const table of tables) expect(JSON.stringify(table)).not.toContain('OnDemandThroughputSettings');
  });
});

function properties(template: TemplateJson, type: string): readonly Readonly<Record<string, unknown>>[] {
  return resources(template, type).map(([, resource]) => resource.Properties);
}
