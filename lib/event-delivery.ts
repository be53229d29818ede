/**
 * Deliveries of events to the webhooks of clients: one function that a rule invokes every minute. It has no route; who
 * may invoke it by hand is a matter of IAM, and does no harm.
 */
import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { EventsEnv } from '../lambda/events/env.ts';
import { bundledFunction, type BundledFunctionOptions } from './bundled-function.ts';
import type { SessionRoles } from './session-roles.ts';
import type { TenantStore } from './tenant-store.ts';
import { functionErrors, type Watched } from './watched.ts';

export interface EventDeliveryProps extends BundledFunctionOptions {
  /** Where events wait. */
  readonly store: TenantStore;
  /** The webhook's role opens the secrets that sign events. */
  readonly sessionRoles: SessionRoles;
  /** The key that those secrets are sealed with. */
  readonly credentialKey: kms.IKey;
}

const EVERY = Duration.minutes(1);

export class EventDelivery extends Construct {
  readonly function: lambda.Function;
  readonly rule: events.Rule;
  readonly watched: Watched;

  constructor(
    scope: Construct,
    id: string,
    { store, sessionRoles, credentialKey, ...functionOptions }: EventDeliveryProps,
  ) {
    super(scope, id);
    this.function = bundledFunction(this, 'Function', {
      ...functionOptions,
      name: 'events',
      description: 'AllMCP: delivers events to the webhooks of clients',
      environment: {
        TENANTS_TABLE: store.tenantsTable.tableName,
        WEBHOOK_ROLE_ARN: sessionRoles.webhook.roleArn,
        CREDENTIAL_KEY_ARN: credentialKey.keyArn,
      } satisfies Record<keyof EventsEnv, string>,
    });
    // The rule hands a run over and is done; what becomes of it is the function's matter, and Lambda's own are two more
    // tries within six hours.
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: EVERY });
    this.rule = new events.Rule(this, 'Every', {
      description: 'AllMCP: delivers events that wait',
      schedule: events.Schedule.rate(EVERY),
      // The next run does what a failed one left; an old run that is started late would only be in its way.
      targets: [new targets.LambdaFunction(this.function, { retryAttempts: 0, maxEventAge: EVERY })],
    });
    this.watched = watchedDelivery(this.function);
  }
}

function watchedDelivery(fn: lambda.Function): Watched {
  return {
    functions: [{ function: fn, throttles: true }],
    alarms: [
      functionErrors(
        'EventErrors',
        fn,
        'The events function failed, so events wait. Next: read its log for the first error.',
      ),
      {
        id: 'ClientEventErrors',
        counts: {
          filterId: 'ClientEventErrorCount',
          logGroups: [fn.logGroup],
          metricName: 'ClientEventErrors',
          pattern: logs.FilterPattern.stringValue('$.event', '=', 'events of a client failed'),
        },
        threshold: 3,
        description:
          "A client's events cannot be worked on, run after run; the others' are. Next: find the client and the error in the log of the events function.",
      },
      {
        id: 'EventsOverdue',
        counts: {
          filterId: 'OverdueEventCount',
          logGroups: [fn.logGroup],
          metricName: 'EventsOverdue',
          pattern: logs.FilterPattern.any(
            logs.FilterPattern.stringValue('$.event', '=', 'event overdue'),
            logs.FilterPattern.stringValue('$.event', '=', 'event given up'),
          ),
        },
        threshold: 1,
        description:
          "A client's webhook has refused an event for an hour or more. Next: find the client and the status in the log of the events function, and tell whoever runs the receiver.",
      },
    ],
  };
}
