/**
 * Notices changes that could open credentials: the key's policy, the roles, the functions' code. It cannot prevent
 * them, and a deployment makes some of them too; it makes them visible. Needs a CloudTrail trail in the region.
 * IAM's events arrive in us-east-1 only (us-gov-west-1, cn-north-1 in their partitions): elsewhere only KMS and
 * Lambda changes are seen, and a rule in that region must cover the roles.
 */
import { ArnFormat, RemovalPolicy, Stack, type Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface BreakGlassProps {
  /** The key that opens credentials. */
  readonly credentialKey: kms.IKey;
  /** The roles that lead to credentials. */
  readonly roles: readonly iam.IRole[];
  /** The functions whose code runs with those roles. */
  readonly functions: readonly lambda.IFunction[];
  /** Days for which the log of changes is kept. */
  readonly logRetentionDays: logs.RetentionDays;
}

const KEY_EVENTS = ['PutKeyPolicy', 'CreateGrant', 'DisableKey', 'ScheduleKeyDeletion', 'DisableKeyRotation'];
const ROLE_EVENTS = [
  'UpdateAssumeRolePolicy',
  'PutRolePolicy',
  'AttachRolePolicy',
  'DeleteRolePolicy',
  'DetachRolePolicy',
  'PutRolePermissionsBoundary',
  'DeleteRolePermissionsBoundary',
];
/** CloudTrail appends the API's version date to Lambda's event names. */
const FUNCTION_EVENTS = [{ prefix: 'UpdateFunctionCode' }, { prefix: 'UpdateFunctionConfiguration' }];

export class BreakGlass extends Construct {
  readonly #rules: readonly events.Rule[];

  constructor(scope: Construct, id: string, { credentialKey, roles, functions, logRetentionDays }: BreakGlassProps) {
    super(scope, id);
    const log = new logs.LogGroup(this, 'Log', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    log.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [
          new iam.ServicePrincipal('events.amazonaws.com'),
          new iam.ServicePrincipal('delivery.logs.amazonaws.com'),
        ],
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [log.logGroupArn],
      }),
    );
    const names = [...functions.map((fn) => fn.functionName), ...functions.map((fn) => fn.functionArn)];
    this.#rules = [
      this.#rule('KeyChanged', log, 'aws.kms', { eventName: KEY_EVENTS, resources: { ARN: [credentialKey.keyArn] } }),
      this.#rule('RoleChanged', log, 'aws.iam', {
        eventName: ROLE_EVENTS,
        requestParameters: { roleName: roles.map((role) => role.roleName) },
      }),
      this.#rule('CodeChanged', log, 'aws.lambda', {
        eventName: FUNCTION_EVENTS,
        requestParameters: { functionName: names },
      }),
    ];
  }

  /** Matched events of all rules. */
  matches(period: Duration): cloudwatch.IMetric {
    const metrics = this.#rules.map(
      (rule, i) =>
        [
          `r${i}`,
          new cloudwatch.Metric({
            namespace: 'AWS/Events',
            metricName: 'TriggeredRules',
            dimensionsMap: { RuleName: rule.ruleName },
            statistic: 'Sum',
            period,
          }),
        ] as const,
    );
    return new cloudwatch.MathExpression({
      expression: metrics.map(([name]) => `FILL(${name}, 0)`).join(' + '),
      usingMetrics: Object.fromEntries(metrics),
      label: 'Changes',
      period,
    });
  }

  #rule(id: string, log: logs.LogGroup, source: string, detail: Record<string, unknown>): events.Rule {
    // EventBridge wants the log group without the `:*` that its Arn attribute ends with.
    const arn = Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: log.logGroupName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return new events.Rule(this, id, {
      description: 'AllMCP: who may open credentials was changed',
      eventPattern: { source: [source], detailType: ['AWS API Call via CloudTrail'], detail },
      targets: [{ bind: () => ({ arn }) }],
    });
  }
}
