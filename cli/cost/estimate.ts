/**
 * What a deployment with the default knobs costs in a month, from list prices and from what one tool call uses. Calculated and
 * never measured: no bill was looked at. Prices are those of us-east-1 in USD, without free tiers but CloudWatch's dashboard.
 */
interface CostItem {
  readonly item: string;
  readonly usd: number;
  readonly reckoned: string;
}

export interface CostEstimate {
  readonly calls: number;
  readonly idle: number;
  readonly total: number;
  readonly items: readonly CostItem[];
}

/** Counted in the template by a test. */
export const ALARM_METRICS = 22;

const PRICE = {
  apiRequest: 3.5 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  /** Of an arm64 function. */
  gbSecond: 0.0000133334,
  readUnit: 0.125 / 1e6,
  writeUnit: 0.625 / 1e6,
  kmsKey: 1,
  kmsRequest: 3 / 1e6,
  alarmMetric: 0.1,
  logGb: 0.5,
  trafficGb: 0.09,
} as const;

/** Of one tool call: mostly waiting for the provider. */
const CALL = {
  mcpSeconds: 0.4,
  mcpGb: 0.5,
  authorizerSeconds: 0.015,
  authorizerGb: 0.25,
  readUnits: 2.5,
  writeUnits: 1.5,
  /** Opened credentials are kept for a minute. */
  kmsRequests: 0.2,
  logKb: 2,
  answerKb: 5,
} as const;

/** Of the run every minute that looks for events to deliver. */
const RUN = { perMonth: 43_800, seconds: 0.1, gb: 0.25, readUnits: 1 } as const;
const KB_PER_GB = 1024 * 1024;

/** @param calls tool calls in a month. */
export function estimate(calls: number): CostEstimate {
  const fixed: readonly CostItem[] = [
    { item: 'KMS key', usd: PRICE.kmsKey, reckoned: 'one; 3 USD once it has rotated twice' },
    {
      item: 'alarms',
      usd: ALARM_METRICS * PRICE.alarmMetric,
      reckoned: `${ALARM_METRICS} metrics that alarms look at`,
    },
    { item: 'looking for events', usd: runs(), reckoned: 'a run every minute, of 0.1 s' },
  ];
  const used: readonly CostItem[] = [
    { item: 'API Gateway', usd: calls * PRICE.apiRequest, reckoned: 'one request a call' },
    {
      item: 'MCP function',
      usd: calls * (PRICE.lambdaRequest + CALL.mcpSeconds * CALL.mcpGb * PRICE.gbSecond),
      reckoned: '0.4 s with 512 MB',
    },
    {
      item: 'authorizer',
      usd: calls * (PRICE.lambdaRequest + CALL.authorizerSeconds * CALL.authorizerGb * PRICE.gbSecond),
      reckoned: '15 ms with 256 MB',
    },
    {
      item: 'DynamoDB',
      usd: calls * (CALL.readUnits * PRICE.readUnit + CALL.writeUnits * PRICE.writeUnit),
      reckoned: '2.5 units read and 1.5 written',
    },
    { item: 'KMS requests', usd: calls * CALL.kmsRequests * PRICE.kmsRequest, reckoned: 'every fifth call opens' },
    { item: 'logs', usd: ((calls * CALL.logKb) / KB_PER_GB) * PRICE.logGb, reckoned: '2 KB a call' },
    { item: 'traffic', usd: ((calls * CALL.answerKb) / KB_PER_GB) * PRICE.trafficGb, reckoned: '5 KB a call' },
  ];
  const items = [...fixed, ...used];
  return { calls, idle: sum(fixed), total: sum(items), items };
}

function runs(): number {
  const one = PRICE.lambdaRequest + RUN.seconds * RUN.gb * PRICE.gbSecond + RUN.readUnits * PRICE.readUnit;
  return RUN.perMonth * one;
}

function sum(items: readonly CostItem[]): number {
  return items.reduce((total, { usd }) => total + usd, 0);
}
