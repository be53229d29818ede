/**
 * Notices changes that could open credentials: the key's policy, the roles and what takes them, the functions' code, the
 * routes and their authorizer, and what would tell of all that. It cannot prevent them, and a deployment makes some of
 * them too; it makes them visible. Needs a CloudTrail trail in the region.
 * IAM's events arrive in us-east-1 only (us-gov-west-1, cn-north-1 in their partitions): elsewhere changes of the roles are
 * not seen, and a rule in that region must cover them.
 */
import { ArnFormat, Aws, Fn, RemovalPolicy, Stack, type Duration } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { accessChanges, watchChanges, type AccessChange } from './access-changes.ts';

export interface BreakGlassProps {
  /** The key that opens credentials. */
  readonly credentialKey: kms.IKey;
  /** The roles that lead to credentials. */
  readonly roles: readonly iam.IRole[];
  /** The functions whose code runs with those roles. */
  readonly functions: readonly lambda.IFunction[];
  /** The API whose authorizer says who a request is from. */
  readonly api: apigateway.RestApi;
  /** The tables, which a policy of their own could open to another account. */
  readonly tables: readonly dynamodb.TableV2[];
  /** Days for which the log of changes is kept. */
  readonly logRetentionDays: logs.RetentionDays;
  /**
   * Whether to make the policy by which EventBridge may write the log. An account has ten such policies in a region; false
   * where one of its own covers the log.
   *
   * @default true
   */
  readonly createLogPolicy?: boolean;
}

export class BreakGlass extends Construct {
  readonly #log: logs.LogGroup;
  readonly #ruleNames: readonly string[];
  /** Fixed before the rule is made: the rule watches itself too, and cannot refer to itself. */
  readonly #watchName = `AllMcp-Watch-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`;

  constructor(scope: Construct, id: string, props: BreakGlassProps) {
    super(scope, id);
    const { credentialKey, roles, functions, api, tables, logRetentionDays, createLogPolicy = true } = props;
    this.#log = new logs.LogGroup(this, 'Log', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const changes = accessChanges({
      keyArn: credentialKey.keyArn,
      roleNames: roles.map((role) => role.roleName),
      roleArns: roles.map((role) => role.roleArn),
      functionNames: functions.map((fn) => fn.functionName),
      restApiId: api.restApiId,
      tableArns: tables.map((table) => table.tableArn),
    });
    const rules = changes.map((change) => this.#rule(change));
    this.#ruleNames = [...rules.map((rule) => rule.ruleName), this.#watchName];
    if (createLogPolicy) this.#letEventsWrite([...rules.map((rule) => rule.ruleArn), this.#arnOfRule(this.#watchName)]);
  }

  /** Matched events of all rules. */
  matches(period: Duration): cloudwatch.IMetric {
    const metrics = this.#ruleNames.map(
      (RuleName, i) =>
        [
          `r${i}`,
          new cloudwatch.Metric({
            namespace: 'AWS/Events',
            metricName: 'TriggeredRules',
            dimensionsMap: { RuleName },
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

  /** Notices too when the rules, their log or this alarm are taken away. */
  watch(alarm: cloudwatch.IAlarm): void {
    const change = watchChanges({
      ruleNames: this.#ruleNames,
      alarmNames: [alarm.alarmName],
      logGroupName: this.#log.logGroupName,
    });
    this.#rule(change, this.#watchName);
  }

  #letEventsWrite(ruleArns: readonly string[]): void {
    const principals = ['events.amazonaws.com', 'delivery.logs.amazonaws.com'].map(
      (service) => new iam.ServicePrincipal(service),
    );
    const resources = [this.#log.logGroupArn];
    this.#log.addToResourcePolicy(
      new iam.PolicyStatement({ principals, actions: ['logs:CreateLogStream'], resources }),
    );
    this.#log.addToResourcePolicy(
      new iam.PolicyStatement({
        principals,
        actions: ['logs:PutLogEvents'],
        resources,
        // Without it, any rule of any account could write here through the same service.
        conditions: { ArnEquals: { 'aws:SourceArn': ruleArns } },
      }),
    );
  }

  #rule({ id, sources, detail }: AccessChange, ruleName?: string): events.Rule {
    // EventBridge wants the log group without the `:*` that its Arn attribute ends with.
    const arn = Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: this.#log.logGroupName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return new events.Rule(this, id, {
      ...(ruleName === undefined ? {} : { ruleName }),
      description: 'AllMCP: who may open credentials was changed',
      eventPattern: { source: [...sources], detailType: ['AWS API Call via CloudTrail'], detail },
      targets: [{ bind: () => ({ arn }) }],
    });
  }

  #arnOfRule(resourceName: string): string {
    return Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName });
  }
}
