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
import { ALARM_PERIOD, type LogLines, type Watched, type WatchedAlarm } from './watched.ts';

export interface ObservabilityProps {
  /** The API whose requests and latency the dashboard shows. */
  readonly api: apigateway.RestApi;
  /** What has functions or alarms, in the order in which they are shown. */
  readonly watched: readonly Watched[];
  /** The key that opens credentials: a change of its policy is noticed. */
  readonly credentialKey: kms.IKey;
  /** The roles that lead to credentials: a change of them is noticed. */
  readonly roles: readonly iam.IRole[];
  /** Days for which the log of such changes is kept. */
  readonly logRetentionDays: logs.RetentionDays;
  /**
   * The SNS topic that every alarm notifies.
   *
   * @default - alarms change state and notify nobody
   */
  readonly topicArn?: string | undefined;
}

export class Observability extends Construct {
  readonly alarms: readonly cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { api, watched, credentialKey, roles, logRetentionDays, topicArn } = props;
    const functions = watched.flatMap((one) => one.functions);
    const breakGlass = new BreakGlass(this, 'BreakGlass', {
      credentialKey,
      roles,
      functions: functions.map((one) => one.function),
      logRetentionDays,
    });
    const rows: readonly WatchedAlarm[] = [
      ...watched.flatMap(({ alarms }) => alarms),
      {
        id: 'Throttles',
        counts: throttles(functions.filter((one) => one.throttles === true).map((one) => one.function)),
        threshold: 1,
        description:
          "Lambda refused to start a function. Next: compare ConcurrentExecutions with the account's limit and ask for a higher one.",
      },
      {
        id: 'AccessChanged',
        counts: breakGlass.matches(ALARM_PERIOD),
        threshold: 1,
        description:
          'Someone changed who may open credentials: key policy, a role, or function code. Next: if no deployment was running, read the break-glass log for who did it.',
      },
    ];
    const measured = rows.map((row) => ({ ...row, metric: metricOf(this, row.counts) }));
    this.alarms = measured.map((row) => addAlarm(this, row));
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
  return new logs.MetricFilter(scope, counts.filterId, {
    logGroup: counts.logGroup,
    metricNamespace: `AllMCP/${Stack.of(scope).stackName}`,
    metricName: counts.metricName,
    filterPattern: counts.pattern,
  }).metric({ period: ALARM_PERIOD, statistic: 'Sum' });
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

function throttles(functions: readonly lambda.Function[]): cloudwatch.IMetric {
  const metrics = functions.map((fn, i) => [`f${i}`, fn.metricThrottles({ period: ALARM_PERIOD })] as const);
  return new cloudwatch.MathExpression({
    expression: metrics.map(([name]) => name).join(' + '),
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
