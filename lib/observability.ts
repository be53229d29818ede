/**
 * What should wake someone, each alarm saying what to do next, and one dashboard. A wrong key is not an error of the
 * authorizer, although Lambda counts it as one: its failures are taken from the access log instead.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { BreakGlass } from './break-glass.ts';
import type { TenantStore } from './tenant-store.ts';
import { ALARM_PERIOD, type LogLines, type Watched, type WatchedAlarm, type WatchedFunction } from './watched.ts';

export interface ObservabilityProps {
  /** The API whose requests and latency the dashboard shows. */
  readonly api: apigateway.RestApi;
  /** What has functions or alarms, in the order in which they are shown. */
  readonly watched: readonly Watched[];
  /** The tables: a policy that opens one to others is noticed. */
  readonly store: TenantStore;
  /** The key that opens credentials: a change of its policy is noticed. */
  readonly credentialKey: kms.IKey;
  /** The roles that lead to credentials: a change of them is noticed. */
  readonly roles: readonly iam.IRole[];
  /** Days for which the log of such changes is kept. */
  readonly logRetentionDays: logs.RetentionDays;
  /**
   * Whether to make the policy by which EventBridge may write that log; an account has ten of them in a region.
   *
   * @default true
   */
  readonly createLogPolicy?: boolean;
  /**
   * The SNS topic that every alarm notifies.
   *
   * @default - alarms change state and notify nobody
   */
  readonly topicArn?: string | undefined;
}

const ACCESS_CHANGED = 'AccessChanged';

export class Observability extends Construct {
  readonly alarms: readonly cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { api, watched, store, credentialKey, roles, logRetentionDays, createLogPolicy, topicArn } = props;
    const functions = watched.flatMap((one) => one.functions);
    const breakGlass = new BreakGlass(this, 'BreakGlass', {
      credentialKey,
      roles,
      functions: functions.map((one) => one.function),
      api,
      tables: [store.keysTable, store.tenantsTable],
      logRetentionDays,
      ...(createLogPolicy === undefined ? {} : { createLogPolicy }),
    });
    const rows: readonly WatchedAlarm[] = [
      ...watched.flatMap(({ alarms }) => alarms),
      ...caught(functions),
      {
        id: 'Throttles',
        counts: throttles(functions.filter((one) => one.throttles === true).map((one) => one.function)),
        threshold: 1,
        description:
          "Lambda refused to start a function. Next: compare ConcurrentExecutions with the account's limit and ask for a higher one.",
      },
      {
        id: ACCESS_CHANGED,
        counts: breakGlass.matches(ALARM_PERIOD),
        threshold: 1,
        description:
          'Someone changed who may open credentials, or what tells of it: key policy, a role or who has it, function code, routes, rules. Next: if no deployment was running, read the break-glass log for who did it.',
      },
    ];
    const measured = rows.map((row) => ({ ...row, metric: metricOf(this, row.counts) }));
    const alarms = new Map(measured.map((row) => [row.id, addAlarm(this, row)] as const));
    const accessChanged = alarms.get(ACCESS_CHANGED);
    if (accessChanged !== undefined) breakGlass.watch(accessChanged);
    this.alarms = [...alarms.values()];
    if (topicArn !== undefined) {
      const topic = new actions.SnsAction(sns.Topic.fromTopicArn(this, 'Topic', topicArn));
      for (const alarm of this.alarms) alarm.addAlarmAction(topic);
    }
    const shown = functions.filter((one) => one.onDashboard !== false).map((one) => one.function);
    addDashboard(this, api, shown, this.alarms);
  }
}

function metricOf(scope: Construct, counts: cloudwatch.IMetric | LogLines): cloudwatch.IMetric {
  if (!('filterId' in counts)) return counts;
  const metricNamespace = `AllMCP/${Stack.of(scope).stackName}`;
  for (const [i, logGroup] of counts.logGroups.entries())
    new logs.MetricFilter(scope, i === 0 ? counts.filterId : `${counts.filterId}${i + 1}`, {
      logGroup,
      metricNamespace,
      metricName: counts.metricName,
      filterPattern: counts.pattern,
    });
  const { metricName } = counts;
  return new cloudwatch.Metric({ namespace: metricNamespace, metricName, period: ALARM_PERIOD, statistic: 'Sum' });
}

function addAlarm(
  scope: Construct,
  { id, metric, threshold, description }: WatchedAlarm & { readonly metric: cloudwatch.IMetric },
): cloudwatch.Alarm {
  return new cloudwatch.Alarm(scope, id, {
    metric,
    threshold,
    evaluationPeriods: 1,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    alarmDescription: description,
  });
}

/** What a function caught ends in no error of Lambda's. Whoever refuses keys or delivers events has alarms of its own. */
function caught(functions: readonly WatchedFunction[]): readonly WatchedAlarm[] {
  const logGroups = functions.filter((one) => one.caught === true).map((one) => one.function.logGroup);
  return [
    {
      id: 'InternalErrors',
      counts: {
        filterId: 'InternalErrorCount',
        logGroups,
        metricName: 'InternalErrors',
        pattern: logs.FilterPattern.any(
          logs.FilterPattern.stringValue('$.level', '=', 'ERROR'),
          logs.FilterPattern.stringValue('$.outcome', '=', 'internal'),
        ),
      },
      threshold: 1,
      description:
        'A function met something that it was not made for and answered `internal`, or could not write down what it did. Next: find the line with level ERROR in the logs of mcp, connect, admin and tenant-keys; its reference or requestId joins it with the call.',
    },
    {
      id: 'Unavailable',
      counts: {
        filterId: 'UnavailableCount',
        logGroups,
        metricName: 'Unavailable',
        pattern: logs.FilterPattern.stringValue('$.outcome', '=', 'unavailable'),
      },
      threshold: 3,
      description:
        'Calls were refused because DynamoDB, KMS or STS limits or is down. Next: look for throttling of the tables and for a disabled KMS key, then at the health of the region.',
    },
  ];
}

function throttles(functions: readonly lambda.Function[]): cloudwatch.IMetric {
  const metrics = functions.map((fn, i) => [`f${i}`, fn.metricThrottles({ period: ALARM_PERIOD })] as const);
  return new cloudwatch.MathExpression({
    // A function that was not asked for has no number, and what is added to nothing is nothing.
    expression: metrics.map(([name]) => `FILL(${name}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics),
    label: 'Throttles',
    period: ALARM_PERIOD,
  });
}

function addDashboard(
  scope: Construct,
  api: apigateway.RestApi,
  functions: readonly lambda.Function[],
  alarms: readonly cloudwatch.Alarm[],
): void {
  const percentile = (statistic: string): cloudwatch.IMetric => api.metricLatency({ statistic, label: statistic });
  const graph = (title: string, left: cloudwatch.IMetric[]): cloudwatch.IWidget =>
    new cloudwatch.GraphWidget({ title, left, width: 12, height: 6 });
  new cloudwatch.Dashboard(scope, 'Dashboard', {
    defaultInterval: Duration.days(1),
    widgets: [
      [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 3 })],
      [
        graph('Requests', [
          api.metricCount({ label: 'all' }),
          api.metricClientError({ statistic: 'Sum', label: '4xx' }),
          api.metricServerError({ statistic: 'Sum', label: '5xx' }),
        ]),
        graph('Latency, ms', ['p50', 'p95', 'p99'].map(percentile)),
      ],
      [
        graph(
          'Function duration p95, ms',
          functions.map((fn) => fn.metricDuration({ statistic: 'p95' })),
        ),
        graph(
          'Function errors (authorizer: refused keys too)',
          functions.map((fn) => fn.metricErrors()),
        ),
      ],
    ],
  });
}
