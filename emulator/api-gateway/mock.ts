/**
 * MOCK integrations: the request template of the content type gives the status, the integration response of that
 * status the answer (https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html).
 */
import type { MockIntegration } from '../cloudformation/api-model.ts';
import type { HttpResponse } from './http-response.ts';
import { parameter, type GatewayResponseType } from './gateway-response.ts';
import { checkTemplate, render, type Variables } from './variables.ts';

const HEADER = 'method.response.header.';
const JSON_TYPE = 'application/json';

/** The answer, or the gateway response that takes its place. */
export function mockAnswer(
  integration: MockIntegration,
  contentType: string | undefined,
  body: Buffer,
  variables: Variables,
): HttpResponse | GatewayResponseType {
  const mediaType = (contentType ?? JSON_TYPE).split(';')[0]?.trim().toLowerCase() ?? JSON_TYPE;
  const template = integration.RequestTemplates[mediaType];
  if (template === undefined && refusesOthers(integration)) return 'UNSUPPORTED_MEDIA_TYPE';
  const status = statusOf(template === undefined ? body.toString('utf8') : render(template, variables));
  const response = status === undefined ? undefined : responseFor(integration, status);
  if (response === undefined) return 'API_CONFIGURATION_ERROR';
  const [type = JSON_TYPE, text = ''] =
    Object.entries(response.ResponseTemplates).find(([name]) => name === JSON_TYPE) ??
    Object.entries(response.ResponseTemplates)[0] ??
    [];
  const headers = Object.entries(response.ResponseParameters).map(([name, value]): [string, readonly string[]] => [
    name.slice(HEADER.length),
    [parameter(value, variables)],
  ]);
  return {
    status: Number(response.StatusCode),
    headers: { 'Content-Type': [type], ...Object.fromEntries(headers) },
    body: Buffer.from(render(text, variables)),
  };
}

/** Whether a content type without a template is refused rather than passed through. */
function refusesOthers({ PassthroughBehavior, RequestTemplates }: MockIntegration): boolean {
  if (PassthroughBehavior === 'WHEN_NO_TEMPLATES') return Object.keys(RequestTemplates).length > 0;
  return PassthroughBehavior === 'NEVER';
}

/** The response whose pattern fits the status, else the one without a pattern. */
function responseFor({ IntegrationResponses }: MockIntegration, status: string) {
  const fits = (pattern: string | undefined) => pattern !== undefined && new RegExp(`^(?:${pattern})$`).test(status);
  return (
    IntegrationResponses.find(({ SelectionPattern }) => fits(SelectionPattern)) ??
    IntegrationResponses.find(({ SelectionPattern }) => SelectionPattern === undefined)
  );
}

/** API Gateway reads more than JSON here: `{ statusCode: 204 }` is what CDK itself writes. */
function statusOf(rendered: string): string | undefined {
  return /^\s*\{[^{}]*["']?\bstatusCode["']?\s*:\s*["']?(\d{3})\b[^{}]*\}\s*$/.exec(rendered)?.[1];
}

/** Throws when a mock of the template could not be answered as declared. */
export function checkMock(integration: MockIntegration, where: string): void {
  for (const template of Object.values(integration.RequestTemplates)) checkTemplate(template, where);
  for (const { ResponseTemplates, ResponseParameters } of integration.IntegrationResponses) {
    for (const template of Object.values(ResponseTemplates)) checkTemplate(template, where);
    for (const [name, value] of Object.entries(ResponseParameters)) {
      if (!name.startsWith(HEADER)) throw new Error(`${where} maps ${name}, which the laptop runtime does not know.`);
      parameter(value, {});
    }
  }
}
