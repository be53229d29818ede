/** What a construct has that someone should watch. Each construct says it itself; observability.ts puts it together. */
import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';

export interface Watched {
  /** A change of their code is noticed, of every one. */
  readonly functions: readonly WatchedFunction[];
  /** What should wake someone. */
  readonly alarms: readonly WatchedAlarm[];
}

export interface WatchedFunction {
  readonly function: lambda.Function;
  /**
   * Whether the alarm `Throttles` goes off when Lambda refuses to start it.
   *
   * @default false
   */
  readonly throttles?: boolean;
  /**
   * Whether the alarms `InternalErrors` and `Unavailable` count what it caught, by its log.
   *
   * @default false
   */
  readonly caught?: boolean;
  /**
   * Whether the dashboard shows its duration and its errors.
   *
   * @default true
   */
  readonly onDashboard?: boolean;
}

export interface WatchedAlarm {
  readonly id: string;
  /** What is counted: a metric, or the lines of a log that say so. */
  readonly counts: cloudwatch.IMetric | LogLines;
  /** Alarm when the sum of five minutes reaches this. */
  readonly threshold: number;
  /** What happened and what to do next. */
  readonly description: string;
}

export interface LogLines {
  /** Id of the filter that counts; of several logs, each further filter has its number after it. */
  readonly filterId: string;
  readonly logGroups: readonly logs.ILogGroup[];
  readonly metricName: string;
  readonly pattern: logs.IFilterPattern;
}

/** What alarms sum over. */
export const ALARM_PERIOD = Duration.minutes(5);

/** Goes off when a function crashes or times out three times. */
export function functionErrors(id: string, fn: lambda.Function, description: string): WatchedAlarm {
  return { id, counts: fn.metricErrors({ period: ALARM_PERIOD }), threshold: 3, description };
}
