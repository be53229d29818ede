/**
 * Every knob of a deployment, with its default. Read from the CDK context key `allmcp` (cdk.json, or
 * `-c allmcp='{"throttle":{"burst":50}}'`). An unknown knob is an error: a typing mistake must not deploy a default.
 */
import * as z from 'zod';
import { nearest } from '../core/nearest.ts';
import { isAppOrigin, isOrigin } from '../core/origin.ts';

/** The retention periods CloudWatch Logs accepts, in days. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, origin, pathname } = new URL(text);
  return protocol === 'https:' && text === origin + (pathname === '/' ? '' : pathname) && !text.endsWith('/');
}

const capacity = z.int().min(1).max(40_000).optional();

function sizeKnobs(memoryMb: number, timeoutSeconds: number, maxTimeoutSeconds: number, minTimeoutSeconds = 1) {
  return {
    memoryMb: z.int().min(128).max(10_240).default(memoryMb),
    timeoutSeconds: z.int().min(minTimeoutSeconds).max(maxTimeoutSeconds).default(timeoutSeconds),
  };
}

function functionKnobs(...size: Parameters<typeof sizeKnobs>) {
  return z.strictObject(sizeKnobs(...size)).prefault({});
}

/**
 * For functions that answer at once: how many invocations are kept free for it out of the account's, which are also the
 * most it may have at the same time. Calls that wait for providers can then not keep keys from being checked, people from
 * connecting accounts or operators from looking. None are kept when left out.
 */
function reservableKnobs(...size: Parameters<typeof sizeKnobs>) {
  const reservedConcurrency = z.int().min(1).max(1_000).optional();
  return z.strictObject({ ...sizeKnobs(...size), reservedConcurrency }).prefault({});
}

export const DeployConfig = z.strictObject({
  /**
   * Tells deployments of one account and region apart: `staging` makes the stacks AllMcp-staging-Data and
   * AllMcp-staging-Service. Fixed once deployed, because another name is another deployment with tables of its own.
   */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,15}$/, 'use 1-16 of a-z and 0-9, a letter first')
    .optional(),

  /** Path segment after the API's host name, as in `/v1/mcp`. */
  stage: z
    .string()
    .regex(/^[a-z0-9_]{1,32}$/, 'use 1-32 of a-z, 0-9 and _')
    .default('v1'),

  data: z
    .strictObject({
      /** False for throwaway deployments only: tables and key are then deleted with their stack. */
      retain: z.boolean().default(true),
      /** How far back a table can be restored, in days. */
      recoveryDays: z.int().min(1).max(35).default(35),
      /** Ceiling of on-demand capacity per table, as a spending limit. No ceiling when left out. */
      maxReadUnits: capacity,
      maxWriteUnits: capacity,
    })
    .prefault({}),

  functions: z
    .strictObject({
      /** Waits for providers nearly all the time; 512 MB buys the CPU share that TLS and JSON of one call need. */
      mcp: functionKnobs(512, 60, 900),
      /** Answers through a buffered integration, which API Gateway ends after 29 s. */
      admin: reservableKnobs(256, 25, 29),
      /** Asks a provider while a person waits; ended like the admin function. */
      connect: reservableKnobs(256, 28, 29),
      /** Waits up to 10 s for each receiver; ends before the next run begins, so that runs seldom overlap. */
      events: functionKnobs(256, 55, 300, 20),
      /** API Gateway waits 10 s for an authorizer. */
      authorizer: reservableKnobs(256, 10, 10),
    })
    .prefault({}),

  /**
   * Web pages that may use the MCP endpoint, as browsers name them, e.g. `https://app.example.com`. Pages served from
   * the user's own machine always may; clients that are no web pages need no entry.
   */
  allowedOrigins: z
    .array(
      z
        .string()
        .refine(
          (text) => isOrigin(text) || isAppOrigin(text),
          'give origins like https://app.example.com; there is no wildcard',
        ),
    )
    .max(50)
    .default([]),

  /**
   * Where people and clients reach this deployment, when a domain of yours leads to it: `https://mcp.example.com`, with
   * the base path of the mapping if there is one. Connect links and redirect addresses begin with it. Left out: the
   * address that API Gateway gives.
   */
  publicUrl: z
    .string()
    .refine(isPublicUrl, 'give an address like https://mcp.example.com, without a slash at its end')
    .optional(),

  /** Requests of all keys together, above which API Gateway answers 429 before any function runs. */
  throttle: z
    .strictObject({
      requestsPerSecond: z.number().positive().max(10_000).default(200),
      burst: z.int().positive().max(5_000).default(400),
    })
    .prefault({}),

  logs: z
    .strictObject({
      /** The log groups hold the audit trail, so the default is a year. */
      retentionDays: z.literal(RETENTION_DAYS).default(365),
      /**
       * API Gateway writes access logs with one role per account and region. `create` sets that role (and leaves it
       * in place afterwards); `existing` when the account has one that must not be replaced.
       */
      apiGatewayAccountRole: z.enum(['create', 'existing']).default('create'),
      /**
       * EventBridge writes the log of changes by a policy of CloudWatch Logs, of which an account has ten in a region.
       * `existing` when one of its own lets events.amazonaws.com and delivery.logs.amazonaws.com write that log.
       */
      eventsPolicy: z.enum(['create', 'existing']).default('create'),
    })
    .prefault({}),

  alarms: z
    .strictObject({
      /** SNS topic that every alarm notifies. Without it alarms only change state. */
      topicArn: z
        .string()
        .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/, 'give the ARN of an SNS topic')
        .optional(),
    })
    .prefault({}),

  /**
   * CloudWatch metrics of every method of the API beside those of the whole API: up to 33 USD a month, used by no alarm.
   */
  detailedMetrics: z.boolean().default(false),

  /** AWS X-Ray traces of the API and its functions; costs per trace. */
  tracing: z.boolean().default(false),
});
export type DeployConfig = z.infer<typeof DeployConfig>;
export type DeployConfigInput = z.input<typeof DeployConfig>;

/**
 * Reads knobs from context: an object, its JSON text (as `-c` passes it), or undefined for all defaults.
 * Throws an Error naming the knob, what is wrong and, for an unknown one, the nearest that exists.
 */
export function readDeployConfig(context: unknown): DeployConfig {
  const result = DeployConfig.safeParse(context === undefined ? {} : parseText(context));
  if (result.success) return result.data;
  throw new Error(`The context key "allmcp" cannot be used:\n${result.error.issues.flatMap(explain).join('\n')}`);
}

function parseText(context: unknown): unknown {
  if (typeof context !== 'string') return context;
  try {
    return JSON.parse(context);
  } catch {
    throw new Error(`The context key "allmcp" is not JSON: ${context}. Pass it like -c allmcp='{"stage":"v1"}'.`);
  }
}

function explain(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [`- ${path === '' ? 'allmcp' : path}: ${issue.message}`];
  const known = knobsAt(issue.path);
  return issue.keys.map((key) => {
    const [meant] = nearest(key, known);
    const knob = [...issue.path, key].join('.');
    return `- unknown knob "${knob}"${meant === undefined ? '' : `; did you mean "${meant}"?`} There are: ${known.join(', ')}.`;
  });
}

/** Names of the knobs beside the one at `path`, found in the defaults and the optional knobs of the schema. */
function knobsAt(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = DeployConfig;
  for (const step of path) schema = shapeOf(schema)[String(step)];
  return Object.keys(shapeOf(schema));
}

function shapeOf(schema: unknown): Record<string, unknown> {
  if (schema instanceof z.ZodPrefault) return shapeOf(schema.unwrap());
  return schema instanceof z.ZodObject ? schema.shape : {};
}
