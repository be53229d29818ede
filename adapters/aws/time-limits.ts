/**
 * How long one call to AWS may take before it is given up and tried again. The SDK's own limits are none for an answer,
 * so that one connection that went silent would hold a function to its end. `requestTimeout` alone only warns.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

type ClientOptions = NonNullable<ConstructorParameters<typeof DynamoDBClient>[0]>;

/** For every client but the authorizer's. Three tries take 16 s at most, which leaves a request time to say so. */
export const AWS_LIMITS = {
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const satisfies ClientOptions;

/**
 * API Gateway waits 10 s for the authorizer, and a tenant key takes three lookups, one after the other: with three tries
 * of 800 ms each they are over within 8 s, pauses included. How long a try may take is told from outside, because that is
 * about where it runs: a laptop that is busy needs longer than DynamoDB does, and has no gateway that gives up.
 */
export function authorizerLimits(lookupMs: number) {
  return {
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 500, requestTimeout: lookupMs, throwOnRequestTimeout: true },
  } as const satisfies ClientOptions;
}
