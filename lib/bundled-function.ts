/**
 * How every function is made: prebuilt bundle, fixed runtime, its own log group, a role that it cannot widen.
 * A function, not a base class: a construct that needs one calls this.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { FunctionName } from './functions.ts';

/** What a construct is told about the function it makes. */
export interface BundledFunctionOptions {
  /** Folder that holds one folder per bundle, as `npm run build` writes it. */
  readonly bundles: string;
  /** The role it runs with: made elsewhere, and not widened but for the function's own log and traces. */
  readonly role: iam.Role;
  /** Its memory, which decides its share of a CPU too, the seconds after which it is ended, and what is kept for it. */
  readonly size: FunctionSize;
  /** Days for which its log is kept. */
  readonly logRetentionDays: logs.RetentionDays;
  /**
   * Whether it writes traces of AWS X-Ray, which cost per trace.
   *
   * @default false
   */
  readonly tracing?: boolean;
}

export interface FunctionSize {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /**
   * Invocations kept free for it, and the most it may have at the same time.
   *
   * @default - none: it shares the account's with every other function
   */
  readonly reservedConcurrency?: number | undefined;
}

/** The same memory and time for a function beside the one that something is kept for. */
export function unreserved({ memoryMb, timeoutSeconds }: FunctionSize): FunctionSize {
  return { memoryMb, timeoutSeconds };
}

export interface BundledFunctionProps extends BundledFunctionOptions {
  /** Name of the bundle's folder. */
  readonly name: FunctionName;
  /** What the console shows. */
  readonly description: string;
  /** Exactly the names of the function's `env.ts`. */
  readonly environment: Record<string, string>;
}

/** Throws when the bundle has not been built. */
export function bundledFunction(scope: Construct, id: string, props: BundledFunctionProps): lambda.Function {
  const { role, size, logRetentionDays, tracing = false } = props;
  const folder = join(props.bundles, props.name);
  if (!existsSync(join(folder, 'index.mjs')))
    throw new Error(`There is no bundle ${join(folder, 'index.mjs')}. Run "npm run build" first.`);

  const logGroup = new logs.LogGroup(scope, `${id}Logs`, {
    retention: logRetentionDays,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const fn = new lambda.Function(scope, id, {
    description: props.description,
    // Fixed: the library's "latest" would move the runtime with a library update.
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(folder),
    memorySize: size.memoryMb,
    timeout: Duration.seconds(size.timeoutSeconds),
    ...(size.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: size.reservedConcurrency }),
    environment: props.environment,
    role: role.withoutPolicyUpdates(),
    logGroup,
    tracing: tracing ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
  });
  const grant = (policyId: string, statement: iam.PolicyStatement): iam.Policy => {
    // A policy of its own: the role lives in the other stack, and its policy must not refer to this one.
    const policy = new iam.Policy(scope, policyId, { roles: [role], statements: [statement] });
    fn.node.addDependency(policy);
    return policy;
  };
  grant(
    `${id}LogPolicy`,
    new iam.PolicyStatement({
      sid: 'WriteOwnLog',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
  if (tracing) {
    const traces = grant(
      `${id}TracePolicy`,
      new iam.PolicyStatement({
        sid: 'WriteTraces',
        actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        resources: ['*'],
      }),
    );
    Validations.of(traces).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'The two write actions of X-Ray take no resource; this policy exists only while tracing is switched on.',
    });
  }
  return fn;
}
