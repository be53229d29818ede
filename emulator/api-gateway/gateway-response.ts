/**
 * What API Gateway answers itself: the template's gateway response of that type, else its DEFAULT_4XX or DEFAULT_5XX,
 * else API Gateway's own (https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html).
 */
import type { ApiModel } from '../cloudformation/api-model.ts';
import type { HttpResponse } from './http-response.ts';
import { checkTemplate, render, type Variables } from './variables.ts';

interface Default {
  readonly status: number;
  readonly message: string | null;
}

const DEFAULTS = {
  UNAUTHORIZED: { status: 401, message: 'Unauthorized' },
  ACCESS_DENIED: { status: 403, message: 'User is not authorized to access this resource with an explicit deny' },
  AUTHORIZER_FAILURE: { status: 500, message: null },
  AUTHORIZER_CONFIGURATION_ERROR: { status: 500, message: null },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, message: 'Missing Authentication Token' },
  REQUEST_TOO_LARGE: { status: 413, message: 'Request Too Long' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: 'Unsupported Media Type' },
  THROTTLED: { status: 429, message: 'Too Many Requests' },
  INTEGRATION_FAILURE: { status: 502, message: 'Internal server error' },
  INTEGRATION_TIMEOUT: { status: 504, message: 'Endpoint request timed out' },
  API_CONFIGURATION_ERROR: { status: 500, message: 'Internal server error' },
  DEFAULT_4XX: { status: 400, message: 'Bad Request' },
  DEFAULT_5XX: { status: 500, message: 'Internal server error' },
} as const satisfies Record<string, Default>;

export type GatewayResponseType = keyof typeof DEFAULTS;

const DEFAULT_TEMPLATE = '{"message":$context.error.messageString}';
const HEADER = 'gatewayresponse.header.';

export function gatewayResponse(type: GatewayResponseType, api: ApiModel, variables: Variables): HttpResponse {
  const own = DEFAULTS[type];
  const fallback = own.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
  const chosen = api.gatewayResponses.get(type) ?? api.gatewayResponses.get(fallback);
  const all: Variables = {
    ...variables,
    'error.message': own.message ?? '',
    'error.messageString': JSON.stringify(own.message),
    'error.responseType': type,
  };
  const [contentType, template] = Object.entries(chosen?.ResponseTemplates ?? {})[0] ?? [
    'application/json',
    DEFAULT_TEMPLATE,
  ];
  const headers = Object.entries(chosen?.ResponseParameters ?? {}).map(([name, value]): [string, readonly string[]] => [
    name.slice(HEADER.length),
    [parameter(value, all)],
  ]);
  return {
    status: Number(chosen?.StatusCode ?? own.status),
    headers: { 'Content-Type': [contentType], 'x-amzn-ErrorType': [type], ...Object.fromEntries(headers) },
    body: Buffer.from(render(template, all)),
    gatewayResponse: type,
  };
}

/** `'literal'` or `context.name`. Throws for any other mapping. */
export function parameter(value: string, variables: Variables): string {
  const literal = /^'(.*)'$/s.exec(value)?.[1];
  if (literal !== undefined) return literal;
  const name = /^context\.(.+)$/.exec(value)?.[1];
  if (name === undefined) throw new Error(`The laptop runtime does not know the header mapping ${value}.`);
  return variables[name] ?? '';
}

/** Throws when a gateway response of the template could not be sent as declared. */
export function checkGatewayResponses(api: ApiModel): void {
  for (const [type, { ResponseTemplates, ResponseParameters }] of api.gatewayResponses) {
    for (const template of Object.values(ResponseTemplates)) checkTemplate(template, `The gateway response ${type}`);
    for (const [name, value] of Object.entries(ResponseParameters)) {
      if (!name.startsWith(HEADER))
        throw new Error(`The laptop runtime does not know ${name} of gateway response ${type}.`);
      parameter(value, {});
    }
  }
}
