/**
 * Answers that API Gateway gives without a function: same status, headers and body for every request. They cost no
 * Lambda time, so a client that polls a wrong method or path is never billed as a running function.
 */
import { Validations } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { literalHeaders, READABLE_BY_ANY_PAGE } from './gateway-responses.ts';

export interface FixedAnswer {
  readonly status: number;
  /** JSON text without `$` and `#`, which the template language would read. */
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Content types of requests that get the answer; any other ends in UNSUPPORTED_MEDIA_TYPE. Without a template for
 * its type, a request body would be handed to the mock as if it were the template's output.
 */
const REQUEST_TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  'multipart/form-data',
  'text/plain',
  'text/event-stream',
];

/** 405 for every method that the resource does not have. */
export function refuseOtherMethods(resource: apigateway.IResource, methods: readonly string[]): void {
  const allowed = methods.join(', ');
  const error = { code: 'method_not_allowed', message: `This address takes ${allowed}.`, next: `Use ${allowed}.` };
  addFixedAnswer(resource, 'ANY', { status: 405, headers: { Allow: allowed }, body: JSON.stringify({ error }) });
}

/** Adds a method that answers every request alike, without an authorizer. */
export function addFixedAnswer(resource: apigateway.IResource, method: string, fixed: FixedAnswer): void {
  const { status, body } = fixed;
  const headers = { ...READABLE_BY_ANY_PAGE, ...fixed.headers };
  const statusCode = String(status);
  const name = (header: string): string => `method.response.header.${header}`;
  const added = resource.addMethod(
    method,
    new apigateway.MockIntegration({
      passthroughBehavior: apigateway.PassthroughBehavior.NEVER,
      requestTemplates: Object.fromEntries(REQUEST_TYPES.map((type) => [type, JSON.stringify({ statusCode: status })])),
      integrationResponses: [
        {
          statusCode,
          responseTemplates: { 'application/json': body },
          responseParameters: Object.fromEntries(
            Object.entries(literalHeaders(headers)).map(([header, value]) => [name(header), value]),
          ),
        },
      ],
    }),
    {
      authorizationType: apigateway.AuthorizationType.NONE,
      methodResponses: [
        {
          statusCode,
          responseParameters: Object.fromEntries(Object.keys(headers).map((header) => [name(header), true])),
        },
      ],
    },
  );
  Validations.of(added).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason: 'A fixed text of API Gateway that is the same for everyone; it reaches no function and no data.',
  });
}
