/**
 * The public API without its functions: stage, throttling, access log, gateway answers, `/healthz`, and a JSON 404
 * for every path that is not ours. The access log holds no header, no query string and no address of a person.
 */
import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { addFixedAnswer } from './fixed-answer.ts';
import { addGatewayAnswers } from './gateway-responses.ts';
import { VERSION } from './project.ts';
import { ALARM_PERIOD, type Watched } from './watched.ts';

/** One line per request. `resourcePath` is the route's template, never the path as it was sent. */
export const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: '$context.requestId',
  method: '$context.httpMethod',
  resourcePath: '$context.resourcePath',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integration.latency',
  authorizerLatencyMs: '$context.authorizer.latency',
  keyId: '$context.authorizer.keyId',
  error: '$context.error.responseType',
});

/** The body of the 404 of every path that is not ours. */
export const NOTHING_HERE = JSON.stringify({
  error: 'not_found',
  error_description:
    'There is nothing at this address: this server has no OAuth sign-in. It takes an API key with every request, sent ' +
    'as X-API-Key or Authorization: Bearer. A client that ends up here sends no key, or one that is not valid: correct ' +
    'it in the settings of the client, or ask your administrator for a new key. MCP is served with POST at the path /mcp.',
});

export interface EdgeApiProps {
  /** Path segment after the API's host name. */
  readonly stage: string;
  /** Requests of all keys together, above which API Gateway answers 429 before any function runs. */
  readonly throttle: { readonly requestsPerSecond: number; readonly burst: number };
  /** Days for which the access log is kept. */
  readonly logRetentionDays: logs.RetentionDays;
  /**
   * Whether to set the role with which API Gateway writes logs in this account and region, and to leave it in place
   * afterwards. False where the account has one that must not be replaced.
   *
   * @default true
   */
  readonly createAccountRole?: boolean;
  /**
   * Name of the deployment, where an account has several.
   *
   * @default - the only one
   */
  readonly name?: string | undefined;
  /**
   * Whether CloudWatch counts each method too, and not only the whole API.
   *
   * @default false
   */
  readonly detailedMetrics?: boolean;
  /**
   * Whether the API writes traces of AWS X-Ray, which cost per trace.
   *
   * @default false
   */
  readonly tracing?: boolean;
}

export class EdgeApi extends Construct {
  readonly api: apigateway.RestApi;
  readonly accessLog: logs.LogGroup;
  readonly watched: Watched;

  constructor(scope: Construct, id: string, props: EdgeApiProps) {
    super(scope, id);
    const { stage, throttle, logRetentionDays, createAccountRole = true } = props;
    const { name, detailedMetrics = false, tracing = false } = props;
    this.accessLog = new logs.LogGroup(this, 'AccessLog', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.api = new apigateway.RestApi(this, 'Api', {
      // Metrics of an API go by its name: of two with one name, an alarm would count both.
      restApiName: name === undefined ? 'AllMCP' : `AllMCP-${name}`,
      description: 'AllMCP: POST /mcp, /connect-links, /connections, /admin/v1, /healthz',
      endpointTypes: [apigateway.EndpointType.REGIONAL],
      // Retained by the construct: other APIs of the account log through it too.
      cloudWatchRole: createAccountRole,
      deployOptions: {
        stageName: stage,
        throttlingRateLimit: throttle.requestsPerSecond,
        throttlingBurstLimit: throttle.burst,
        metricsEnabled: detailedMetrics,
        // Execution logs can hold headers, and with them keys.
        loggingLevel: apigateway.MethodLoggingLevel.OFF,
        dataTraceEnabled: false,
        tracingEnabled: tracing,
        accessLogDestination: new apigateway.LogGroupLogDestination(this.accessLog),
        accessLogFormat: apigateway.AccessLogFormat.custom(ACCESS_LOG_FORMAT),
      },
    });
    acceptModernTlsOnly(this.api);
    // The URLs are outputs of the composing stack, under names of our own.
    this.api.node.tryRemoveChild('Endpoint');
    acknowledgeFindings(this.api);
    addGatewayAnswers(this.api);
    addFixedAnswer(this.api.root.addResource('healthz'), 'GET', {
      status: 200,
      body: JSON.stringify({ status: 'ok', version: VERSION }),
    });
    const notFound = { status: 404, body: NOTHING_HERE };
    addFixedAnswer(this.api.root, 'ANY', notFound);
    addFixedAnswer(this.api.root.addResource('{proxy+}'), 'ANY', notFound);
    this.watched = watchedApi(this);
  }
}

/**
 * TLS 1.2 and 1.3; the default of a regional API is 1.0. With such a policy the access mode has to be said too: `BASIC` lets
 * a domain of the customer's, or a CDN, lead here under its own host name.
 */
function acceptModernTlsOnly(api: apigateway.RestApi): void {
  const cfn = api.node.defaultChild as apigateway.CfnRestApi;
  cfn.securityPolicy = apigateway.SecurityPolicy.TLS13_1_2_PQ_2025_09;
  cfn.endpointAccessMode = apigateway.EndpointAccessMode.BASIC;
}

/** Findings of cdk-nag that are right here. */
function acknowledgeFindings(api: apigateway.RestApi): void {
  Validations.of(api).acknowledge(
    {
      id: 'AwsSolutions-APIG2',
      reason:
        'Bodies are JSON-RPC and admin JSON whose schemas depend on the method; the functions validate every one.',
    },
    {
      id: 'AwsSolutions-APIG3',
      reason:
        'A web ACL costs by the month and every data route needs a key with 154 random bits; teams that want one associate it with the stage.',
    },
    {
      id: 'AwsSolutions-APIG6',
      reason: 'Execution logs can hold request headers, which hold keys; the access log covers every request instead.',
    },
    {
      id: 'AwsSolutions-COG4',
      reason:
        'Callers are agents and products with API keys, not people of a user pool; a Lambda authorizer checks the key on every request.',
    },
  );
  const accountRole = api.node.tryFindChild('CloudWatchRole');
  if (accountRole !== undefined)
    Validations.of(accountRole).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason:
        'The account-wide role of API Gateway, with the managed policy that AWS documents for it; no function can assume it.',
    });
}

function watchedApi({ api, accessLog }: Pick<EdgeApi, 'api' | 'accessLog'>): Watched {
  return {
    functions: [],
    alarms: [
      {
        id: 'ServerErrors',
        counts: api.metricServerError({ period: ALARM_PERIOD, statistic: 'Sum' }),
        threshold: 5,
        description:
          'Requests end in 5xx. Next: find their requestId and error in the access log, then the same requestId in the function log.',
      },
      {
        id: 'KeyCheckFailures',
        counts: {
          filterId: 'KeyCheckFailureCount',
          logGroups: [accessLog],
          metricName: 'KeyCheckFailures',
          pattern: logs.FilterPattern.stringValue('$.error', '=', 'AUTHORIZER_*'),
        },
        threshold: 3,
        description:
          'Keys could not be checked, so callers get 503. Next: read the authorizer log; look for AccessDenied or throttling on the keys table.',
      },
    ],
  };
}
