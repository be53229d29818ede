/**
 * What should wake someone, each alarm saying what to do next, and one dashboard. A wrong key is not an error of the
 * authorizer, although Lambda counts it as one: its failures are taken from the access log instead.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AdminApi } from './admin-api.ts';
import { BreakGlass } from './break-glass.ts';
import type { ConnectPages } from './connect-pages.ts';
import type { Data } from './data-stack.ts';
import type { DeployConfig } from './deploy-config.ts';
import type { EdgeApi } from './edge-api.ts';
import type { EventDelivery } from './event-delivery.ts';
import type { KeyAuthorizer } from './key-authorizer.ts';
import type { McpEndpoint } from './mcp-endpoint.ts';
import type { TenantKeys } from './tenant-keys.ts';

export interface ObservabilityProps {
  readonly edge: EdgeApi;
  readonly keyAuthorizer: KeyAuthorizer;
  readonly mcp: McpEndpoint;
  readonly connect: ConnectPages;
  readonly admin: AdminApi;
  readonly events: EventDelivery;
  readonly tenantKeys: TenantKeys;
  readonly data: Data;
  /**
   * `alarms.topicArn` receives every alarm.
   *
   * @default - alarms change state and notify nobody
   */
  readonly config: DeployConfig;
}

interface AlarmRow {
  readonly id: string;
  readonly metric: cloudwatch.IMetric;
  /** Alarm when the sum of five minutes reaches this. */
  readonly threshold: number;
  /** What happened and what to do next. */
  readonly description: string;
}

const PERIOD = Duration.minutes(5);

export class Observability extends Construct {
  readonly alarms: readonly cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { edge, keyAuthorizer, mcp, connect, admin, events, tenantKeys, data, config } = props;
    const breakGlass = new BreakGlass(this, 'BreakGlass', {
      key: data.credentialKey,
      roles: [...data.sessionRoles.all, ...data.roles.all],
      functions: [
        keyAuthorizer.function,
        mcp.function,
        connect.function,
        admin.function,
        admin.bootstrap,
        events.function,
        tenantKeys.function,
      ],
      config,
    });
    const rows: readonly AlarmRow[] = [
      {
        id: 'ServerErrors',
        metric: edge.api.metricServerError({ period: PERIOD, statistic: 'Sum' }),
        threshold: 5,
        description:
          'Requests end in 5xx. Next: find their requestId and error in the access log, then the same requestId in the function log.',
      },
      {
        id: 'KeyCheckFailures',
        metric: authorizerFailures(this, edge),
        threshold: 3,
        description:
          'Keys could not be checked, so callers get 503. Next: read the authorizer log; look for AccessDenied or throttling on the keys table.',
      },
      {
        id: 'McpErrors',
        metric: mcp.function.metricErrors({ period: PERIOD }),
        threshold: 3,
        description:
          'The MCP function crashed or timed out. Next: read its log for the first error after the last deployment.',
      },
      {
        id: 'ConnectErrors',
        metric: connect.function.metricErrors({ period: PERIOD }),
        threshold: 3,
        description:
          'The connect pages crashed or timed out, so nobody can connect an account. Next: read the log of the connect function for the first error.',
      },
      {
        id: 'AdminErrors',
        metric: admin.function.metricErrors({ period: PERIOD }),
        threshold: 3,
        description: 'The admin function crashed or timed out. Next: read its log for the first error.',
      },
      {
        id: 'EventErrors',
        metric: events.function.metricErrors({ period: PERIOD }),
        threshold: 3,
        description: 'The events function failed, so events wait. Next: read its log for the first error.',
      },
      {
        id: 'EventsOverdue',
        metric: overdueEvents(this, events),
        threshold: 1,
        description:
          "A client's webhook has refused an event for an hour or more. Next: find the client and the status in the log of the events function, and tell whoever runs the receiver.",
      },
      {
        id: 'Throttles',
        metric: throttles([keyAuthorizer.function, mcp.function, connect.function]),
        threshold: 1,
        description:
          "Lambda refused to start a function. Next: compare ConcurrentExecutions with the account's limit and ask for a higher one.",
      },
      {
        id: 'AccessChanged',
        metric: breakGlass.matches(PERIOD),
        threshold: 1,
        description:
          'Someone changed who may open credentials: key policy, a role, or function code. Next: if no deployment was running, read the break-glass log for who did it.',
      },
    ];
    this.alarms = rows.map((row) => this.#alarm(row));
    if (config.alarms.topicArn !== undefined) {
      const topic = new actions.SnsAction(sns.Topic.fromTopicArn(this, 'Topic', config.alarms.topicArn));
      for (const alarm of this.alarms) alarm.addAlarmAction(topic);
    }
    addDashboard(this, props, this.alarms);
  }

  #alarm({ id, metric, threshold, description }: AlarmRow): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, id, {
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      alarmDescription: description,
    });
  }
}

function authorizerFailures(scope: Construct, edge: EdgeApi): cloudwatch.IMetric {
  return new logs.MetricFilter(scope, 'KeyCheckFailureCount', {
    logGroup: edge.accessLog,
    metricNamespace: `AllMCP/${Stack.of(scope).stackName}`,
    metricName: 'KeyCheckFailures',
    filterPattern: logs.FilterPattern.stringValue('$.error', '=', 'AUTHORIZER_*'),
  }).metric({ period: PERIOD, statistic: 'Sum' });
}

function overdueEvents(scope: Construct, { function: fn }: EventDelivery): cloudwatch.IMetric {
  return new logs.MetricFilter(scope, 'OverdueEventCount', {
    logGroup: fn.logGroup,
    metricNamespace: `AllMCP/${Stack.of(scope).stackName}`,
    metricName: 'EventsOverdue',
    filterPattern: logs.FilterPattern.any(
      logs.FilterPattern.stringValue('$.event', '=', 'event overdue'),
      logs.FilterPattern.stringValue('$.event', '=', 'event given up'),
    ),
  }).metric({ period: PERIOD, statistic: 'Sum' });
}

function throttles(functions: readonly lambda.Function[]): cloudwatch.IMetric {
  const metrics = functions.map((fn, i) => [`f${i}`, fn.metricThrottles({ period: PERIOD })] as const);
  return new cloudwatch.MathExpression({
    expression: metrics.map(([name]) => name).join(' + '),
    usingMetrics: Object.fromEntries(metrics),
    label: 'Throttles',
    period: PERIOD,
  });
}

function addDashboard(scope: Construct, props: ObservabilityProps, alarms: readonly cloudwatch.Alarm[]): void {
  const { edge, keyAuthorizer, mcp, connect, admin, events, tenantKeys } = props;
  const { api } = edge;
  const functions = [
    keyAuthorizer.function,
    mcp.function,
    connect.function,
    admin.function,
    events.function,
    tenantKeys.function,
  ];
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
