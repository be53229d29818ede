/**
 * Findings of cdk-nag that stay, each with the reason that makes it right here. A finding that is not in this file
 * fails synthesis.
 */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

interface Acknowledgement {
  readonly id: string;
  readonly reason: string;
}

const FIXED_ANSWER: Acknowledgement = {
  id: 'AwsSolutions-APIG4',
  reason: 'A fixed text of API Gateway that is the same for everyone; it reaches no function and no data.',
};

const PREFLIGHT: Acknowledgement = {
  id: 'AwsSolutions-APIG4',
  reason: 'Browsers send a preflight without the key; the function looks at its Origin header and at nothing else.',
};

const PAGE: Acknowledgement = {
  id: 'AwsSolutions-APIG4',
  reason:
    'A page for a person in a browser, who has no key: the secret of a link, or a state with its cookie, is what opens it.',
};

const TRACES: Acknowledgement = {
  id: 'AwsSolutions-IAM5[Resource::*]',
  reason: 'The two write actions of X-Ray take no resource; this policy exists only while tracing is switched on.',
};

/** By the construct path below the composing stack or construct. */
const ACKNOWLEDGED: Readonly<Record<string, readonly Acknowledgement[]>> = {
  'EdgeApi/Api': [
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
  ],
  'EdgeApi/Api/CloudWatchRole': [
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason:
        'The account-wide role of API Gateway, with the managed policy that AWS documents for it; no function can assume it.',
    },
  ],
  'EdgeApi/Api/Default/ANY': [FIXED_ANSWER],
  'EdgeApi/Api/Default/{proxy+}/ANY': [FIXED_ANSWER],
  'EdgeApi/Api/Default/healthz/GET': [FIXED_ANSWER],
  'EdgeApi/Api/Default/mcp/ANY': [FIXED_ANSWER],
  'EdgeApi/Api/Default/tenant-keys/ANY': [FIXED_ANSWER],
  'EdgeApi/Api/Default/connect-links/ANY': [FIXED_ANSWER],
  'EdgeApi/Api/Default/connections/ANY': [FIXED_ANSWER],
  'EdgeApi/Api/Default/connections/{provider_key}/ANY': [FIXED_ANSWER],
  'EdgeApi/Api/Default/mcp/OPTIONS': [PREFLIGHT],
  'EdgeApi/Api/Default/mcp/{proxy+}/OPTIONS': [PREFLIGHT],
  'EdgeApi/Api/Default/connect/{ticket}/GET': [PAGE],
  'EdgeApi/Api/Default/connect/{ticket}/POST': [PAGE],
  'EdgeApi/Api/Default/connect/{ticket}/ANY': [FIXED_ANSWER],
  'EdgeApi/Api/Default/oauth/callback/GET': [PAGE],
  'EdgeApi/Api/Default/oauth/callback/ANY': [FIXED_ANSWER],
  'ConnectPages/FunctionTracePolicy': [TRACES],
  'KeyAuthorizer/FunctionTracePolicy': [TRACES],
  'McpEndpoint/FunctionTracePolicy': [TRACES],
  'AdminApi/FunctionTracePolicy': [TRACES],
  'AdminApi/BootstrapTracePolicy': [TRACES],
  'EventDelivery/FunctionTracePolicy': [TRACES],
  'TenantKeys/FunctionTracePolicy': [TRACES],
};

/**
 * Records the acknowledgements that apply below `scope` and answers the paths that are not there: the configuration
 * leaves some out, and a test shows that none is out of date.
 */
export function acknowledgeFindings(scope: IConstruct): readonly string[] {
  const absent: string[] = [];
  for (const [path, rows] of Object.entries(ACKNOWLEDGED)) {
    let construct: IConstruct | undefined = scope;
    for (const step of path.split('/')) construct = construct?.node.tryFindChild(step);
    if (construct === undefined) absent.push(path);
    else Validations.of(construct).acknowledge(...rows);
  }
  return absent;
}
