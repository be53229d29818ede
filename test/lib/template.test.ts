/** What the synthesized stacks hold and what they must never hold. */
import { describe, expect, it } from '@jest/globals';
import { AdminEnv } from '../../lambda/admin/env.ts';
import { AuthorizerEnv } from '../../lambda/authorizer/env.ts';
import { BootstrapEnv } from '../../lambda/bootstrap/env.ts';
import { ConnectEnv } from '../../lambda/connect/env.ts';
import { EventsEnv } from '../../lambda/events/env.ts';
import { McpEnv } from '../../lambda/mcp/env.ts';
import { TenantKeysEnv } from '../../lambda/tenant-keys/env.ts';
import { FUNCTIONS } from '../../lib/functions.ts';
import { masked, resources, synthesized, type Resource, type TemplateJson } from './synthesized.ts';

const { data, service } = synthesized();

describe('the two stacks', () => {
  it('keep the logical ids of everything that holds data', () => {
    const stateful = ['AWS::DynamoDB::GlobalTable', 'AWS::KMS::Key'].flatMap((type) =>
      resources(data, type).map(([id]) => id),
    );
    expect(stateful).toEqual([
      'TenantStoreKeysTableC4A1893D',
      'TenantStoreTenantsTableA9E87BBD',
      'CredentialVaultCredentialKey66FD0462',
    ]);
  });

  it('retain and protect the tables and the key by default, and let throwaway deployments delete them', () => {
    const kept = ['AWS::DynamoDB::GlobalTable', 'AWS::KMS::Key'].flatMap((type) => resources(data, type));
    expect(kept.map(([, r]) => [r.DeletionPolicy, r.UpdateReplacePolicy])).toEqual(
      kept.map(() => ['Retain', 'Retain']),
    );
    const replicas = (template: TemplateJson): unknown[] =>
      resources(template, 'AWS::DynamoDB::GlobalTable').flatMap(([, r]) => r.Properties.Replicas as unknown[]);
    expect(replicas(data)).toEqual([
      expect.objectContaining({ DeletionProtectionEnabled: true }),
      expect.objectContaining({ DeletionProtectionEnabled: true }),
    ]);
    for (const replica of replicas(data))
      expect(replica).toMatchObject({
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
      });

    const throwaway = synthesized({ data: { retain: false } }).data;
    const table = resources(throwaway, 'AWS::DynamoDB::GlobalTable').map(([, r]) => r.DeletionPolicy);
    expect(table).toEqual(['Delete', 'Delete']);
    expect(replicas(throwaway)).toEqual([
      expect.objectContaining({ DeletionProtectionEnabled: false }),
      expect.objectContaining({ DeletionProtectionEnabled: false }),
    ]);
  });

  it('let rows with a ttl go, in both tables', () => {
    for (const [, table] of resources(data, 'AWS::DynamoDB::GlobalTable'))
      expect(table.Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'ttl', Enabled: true });
  });

  it('refer to each other in one direction only: service to data', () => {
    expect(JSON.stringify(data)).not.toContain('Fn::ImportValue');
    const exported = new Set(
      Object.values(data.Outputs).map((output) => (output as { Export?: { Name: string } }).Export?.Name),
    );
    const imported = [...JSON.stringify(service).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name]) => name);
    expect(imported.length).toBeGreaterThan(5);
    for (const name of imported) expect(exported).toContain(name);
  });

  it('hold nothing that costs by the hour except the one key', () => {
    const free = new Set([
      'AWS::ApiGateway::Account',
      'AWS::ApiGateway::Authorizer',
      'AWS::ApiGateway::Deployment',
      'AWS::ApiGateway::GatewayResponse',
      'AWS::ApiGateway::Method',
      'AWS::ApiGateway::Resource',
      'AWS::ApiGateway::RestApi',
      'AWS::ApiGateway::Stage',
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Dashboard',
      'AWS::DynamoDB::GlobalTable',
      'AWS::Events::Rule',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::KMS::Alias',
      'AWS::Lambda::EventInvokeConfig',
      'AWS::Lambda::Function',
      'AWS::Lambda::Permission',
      'AWS::Logs::LogGroup',
      'AWS::Logs::MetricFilter',
      'AWS::Logs::ResourcePolicy',
    ]);
    const all = [data, service].flatMap((template) => Object.values(template.Resources));
    const paid = all.map(({ Type }) => Type).filter((type) => !free.has(type));
    expect(paid).toEqual(['AWS::KMS::Key']);
    const text = JSON.stringify([data, service]);
    expect(text).not.toMatch(
      /"BillingMode":"PROVISIONED"|ProvisionedConcurrencyConfig|CacheClusterEnabled":true|VpcConfig/,
    );
    expect(text.match(/"BillingMode":"PAY_PER_REQUEST"/g)).toHaveLength(2);
  });

  it('look like the snapshot', () => {
    expect(masked(data)).toMatchSnapshot('AllMcp-Data');
    expect(masked(service)).toMatchSnapshot('AllMcp-Service');
  });

  it('print what the next person needs, under stable names', () => {
    expect(Object.keys(service.Outputs)).toEqual([
      'McpUrl',
      'RedirectUri',
      'AdminUrl',
      'ClientConfigJson',
      'KeysTableName',
      'TenantsTableName',
      'CredentialKeyArn',
      'TenantRoleArn',
      'BootstrapFunctionName',
      'Version',
    ]);
    const json = joined(service.Outputs.ClientConfigJson?.Value);
    expect(JSON.parse(json)).toEqual({
      mcpServers: {
        allmcp: { type: 'http', url: expect.stringMatching(/\/mcp$/), headers: { 'X-API-Key': expect.any(String) } },
      },
    });
  });
});

describe('the functions', () => {
  const functions = resources(service, 'AWS::Lambda::Function');

  it.each([
    ['authorizer', 'KeyAuthorizerFunction', AuthorizerEnv],
    ['mcp', 'McpEndpointFunction', McpEnv],
    ['connect', 'ConnectPagesFunction', ConnectEnv],
    ['admin', 'AdminApiFunction', AdminEnv],
    ['bootstrap', 'AdminApiBootstrap', BootstrapEnv],
    ['events', 'EventDeliveryFunction', EventsEnv],
    ['tenant-keys', 'TenantKeysFunction', TenantKeysEnv],
  ])('give %s exactly the environment that its env.ts reads', (_, prefix, schema) => {
    const environment = only(prefix).Properties.Environment as { Variables: Record<string, unknown> };
    expect(Object.keys(environment.Variables).toSorted()).toEqual(Object.keys(schema.shape).toSorted());
  });

  it('have no environment name that Lambda reserves', () => {
    for (const [, fn] of functions) {
      const { Variables } = fn.Properties.Environment as { Variables: Record<string, unknown> };
      expect(Object.keys(Variables).filter((name) => /^(AWS|LAMBDA|_)/.test(name))).toEqual([]);
    }
  });

  it('run on one fixed runtime and architecture and log into groups with a retention', () => {
    expect(functions).toHaveLength(FUNCTIONS.length);
    for (const [, fn] of functions) {
      expect(fn.Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      });
      const { LogGroup } = fn.Properties.LoggingConfig as { LogGroup: { Ref: string } };
      expect(service.Resources[LogGroup.Ref]?.Properties.RetentionInDays).toBe(365);
    }
  });

  it('that a rule runs is tried once: the next run does what a failed one left', () => {
    const [[, invoke] = [], ...more] = resources(service, 'AWS::Lambda::EventInvokeConfig');
    expect(more).toEqual([]);
    expect(invoke?.Properties).toMatchObject({
      FunctionName: { Ref: expect.stringMatching(/^EventDeliveryFunction/) },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  it('trace only when tracing is switched on, and may then write traces', () => {
    expect(JSON.stringify(service)).not.toContain('xray:');
    expect(JSON.stringify(service)).not.toContain('TracingConfig');
    const traced = synthesized({ tracing: true }).service;
    expect(resources(traced, 'AWS::Lambda::Function').map(([, fn]) => fn.Properties.TracingConfig)).toEqual(
      FUNCTIONS.map(() => ({ Mode: 'Active' })),
    );
    expect(JSON.stringify(traced).match(/xray:PutTraceSegments/g)).toHaveLength(FUNCTIONS.length);
  });

  it('run with roles of the data stack, one each but bootstrap', () => {
    const roles = functions.map(([, fn]) => JSON.stringify(fn.Properties.Role));
    expect(new Set(roles).size).toBe(FUNCTIONS.length - 1);
    expect(roles.filter((role) => role.includes('CredentialVault'))).toEqual([]);
    const role = (prefix: string): string => JSON.stringify(only(prefix).Properties.Role);
    expect(role('AdminApiFunction')).toBe(role('AdminApiBootstrap'));
    expect(resources(data, 'AWS::IAM::Role').map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual([
      'FunctionRolesAuthorizerRole',
      'FunctionRolesMcpRole',
      'FunctionRolesConnectRole',
      'FunctionRolesAdminRole',
      'FunctionRolesEventsRole',
      'FunctionRolesTenantKeysRole',
      'CredentialVaultTenantRole',
      'CredentialVaultTenantWriterRole',
      'CredentialVaultAppRole',
      'CredentialVaultWebhookRole',
    ]);
  });

  function only(prefix: string): Resource {
    const found = functions.filter(([id]) => id.startsWith(prefix));
    if (found.length !== 1 || found[0] === undefined) throw new Error(`${prefix}: ${found.length} functions`);
    return found[0][1];
  }
});

describe('who may do what', () => {
  it('gives the MCP role no permission on data: it may only become a session role', () => {
    expect(new Set(actionsOf(data, 'FunctionRolesMcpRole'))).toEqual(new Set(['sts:AssumeRole', 'sts:TagSession']));
    expect(actionsOf(data, 'FunctionRolesAuthorizerRole')).toEqual(['dynamodb:GetItem']);
    expect(actionsOf(data, 'FunctionRolesTenantKeysRole')).toEqual(['dynamodb:PutItem']);
  });

  it('adds nothing but writing its own log to any role in the service stack', () => {
    const actions = resources(service, 'AWS::IAM::Policy')
      .flatMap(([, policy]) => statements(policy))
      .filter((statement) => statement.Effect === 'Allow')
      .flatMap(actionList);
    expect([...new Set(actions)].toSorted()).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
  });

  it('never allows a Scan, a batch, PartiQL or a wildcard action', () => {
    const allowed = [data, service]
      .flatMap((template) => resources(template, 'AWS::IAM::Policy'))
      .flatMap(([, policy]) => statements(policy))
      .filter((statement) => statement.Effect === 'Allow')
      .flatMap(actionList);
    expect(allowed.filter((action) => /Scan|Batch|PartiQL|\*/.test(action))).toEqual([]);
  });
});

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
}

function statements(policy: Resource): readonly Statement[] {
  return (policy.Properties.PolicyDocument as { Statement: readonly Statement[] }).Statement;
}

function actionList({ Action }: Statement): readonly string[] {
  return typeof Action === 'string' ? [Action] : Action;
}

function actionsOf(template: TemplateJson, role: string): readonly string[] {
  const policies = resources(template, 'AWS::IAM::Policy').filter(([, policy]) =>
    (policy.Properties.Roles as { Ref: string }[]).some(({ Ref }) => Ref.startsWith(role)),
  );
  return policies.flatMap(([, policy]) => statements(policy).flatMap(actionList));
}

/** The text of an `Fn::Join`, with `x` for what is only known after deployment. */
function joined(value: unknown): string {
  const [, parts] = (value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : 'x')).join('');
}
