/** The contract as an OpenAPI 3.1 page, made from the same table the router runs on. */
import * as z from 'zod';
import { CONTRACT, ErrorBody } from './contract.ts';
import type { Endpoint } from './resource/endpoint.ts';

const BASE = '/admin/v1';

export function openApi() {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, endpoint] of Object.entries(CONTRACT)) {
    const path = (paths[BASE + endpoint.path] ??= {});
    path[endpoint.method.toLowerCase()] = operation(operationId, endpoint);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'AllMCP admin API', version: '1', description: 'Clients and keys. Send an operator key as Bearer.' },
    security: [{ operatorKey: [] }],
    paths,
    components: {
      securitySchemes: { operatorKey: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: schemaOf(ErrorBody, 'output') },
    },
  };
}

function operation(operationId: string, endpoint: Endpoint) {
  const body = schemaOf(endpoint.body, 'input');
  return {
    operationId,
    summary: endpoint.summary,
    ...(endpoint.scope === 'all' ? { description: 'For operator keys of every client only.' } : {}),
    parameters: [...parameters('path', endpoint.params), ...parameters('query', endpoint.query)],
    ...(isEmpty(body) ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: {
      [endpoint.status]: { description: 'Done', content: json(schemaOf(endpoint.response, 'output')) },
      default: { description: 'Refused', content: json({ $ref: '#/components/schemas/Error' }) },
    },
  };
}

function parameters(place: 'path' | 'query', schema: z.ZodType) {
  const { properties = {}, required = [] } = schemaOf(schema, 'input');
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: of,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function isEmpty(schema: { readonly properties?: object }): boolean {
  return Object.keys(schema.properties ?? {}).length === 0;
}

function json(schema: object) {
  return { 'application/json': { schema } };
}
