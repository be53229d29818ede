/**
 * The only place where a client of an AWS service is made. What every client has: the limits of `time-limits.ts`, and one
 * name for the failures that pass by themselves, so that no edge has to know what each service calls them.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { STSClient } from '@aws-sdk/client-sts';
import { Unavailable, type OwnService } from '../../core/unavailable.ts';
import { AWS_LIMITS } from './time-limits.ts';

type OptionsOf<Client extends new (...args: never) => object> = NonNullable<ConstructorParameters<Client>[0]>;

/** @param options sockets and credentials of another client, or other limits; `AWS_LIMITS` where left out. */
export function createDynamoDbClient(options: OptionsOf<typeof DynamoDBClient> = AWS_LIMITS): DynamoDBClient {
  return namingOutages(new DynamoDBClient(options), 'store');
}

export function createKmsClient(options: OptionsOf<typeof KMSClient> = AWS_LIMITS): KMSClient {
  return namingOutages(new KMSClient(options), 'key service');
}

export function createStsClient(options: OptionsOf<typeof STSClient> = AWS_LIMITS): STSClient {
  return namingOutages(new STSClient(options), 'sign-in service');
}

/**
 * Outermost in the client's stack, so that it sees what is left after the SDK's own tries. `unknown` casts: each client
 * types its stack by its own commands, and this step looks at none of them.
 */
function namingOutages<C extends { readonly middlewareStack: object }>(client: C, service: OwnService): C {
  const stack = client.middlewareStack as unknown as DynamoDBClient['middlewareStack'];
  stack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw isOutage(error) ? new Unavailable(service, { cause: error }) : error;
      }
    },
    { name: 'namingOutages', step: 'initialize', priority: 'high' },
  );
  return client;
}

/**
 * Failures that say nothing about the request: limits, the service's own failures, a key that is switched off, broken
 * connections. Names as in the services' API references under "Errors" and "Common errors". What is left (a policy that
 * does not allow it, a malformed request, a condition that does not hold) is for whoever asked.
 */
const OUTAGES = new Set([
  'DependencyTimeoutException',
  'DisabledException',
  'ExpiredToken',
  'ExpiredTokenException',
  'IDPCommunicationError',
  'InternalFailure',
  'InternalServerError',
  'KMSInternalException',
  'KMSInvalidStateException',
  'KeyUnavailableException',
  'LimitExceededException',
  'NetworkingError',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestTimeout',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

/** Of Node, for connections that were refused, cut or never answered. */
const BROKEN = /^(?:E[A-Z_]*(?:CONN|PIPE|HOST|NET|TIMEDOUT|AGAIN|NOTFOUND|SOCKET)[A-Z_]*|UND_ERR_[A-Z_]+)$/;

function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata, $retryable, code } = error as {
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly $retryable?: { readonly throttling?: boolean };
    readonly code?: unknown;
  };
  if (OUTAGES.has(error.name) || $retryable?.throttling === true) return true;
  if (($metadata?.httpStatusCode ?? 0) >= 500) return true;
  // An answer that ends in the middle is what the SDK's parser stumbles over; it has no name of its own.
  return (typeof code === 'string' && BROKEN.test(code)) || (error instanceof SyntaxError && $metadata !== undefined);
}
