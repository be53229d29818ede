/** Responses of the gateway itself, as the template declares them. */
import { describe, expect, it } from '@jest/globals';
import type { GatewayResponseModel } from '../../../emulator/cloudformation/api-model.ts';
import { call, setUpGateway } from './set-up.ts';

describe('a gateway response', () => {
  const response = (ResponseType: string, more: object = {}): GatewayResponseModel => ({
    ResponseType,
    ResponseTemplates: { 'application/json': '{"m":$context.error.messageString,"t":"$context.error.responseType"}' },
    ResponseParameters: {},
    ...more,
  });

  it('of the template takes the place of API Gateway’s own, status included', async () => {
    const server = await setUpGateway(
      {},
      { gatewayResponses: [response('MISSING_AUTHENTICATION_TOKEN', { StatusCode: '404' })] },
    );
    const { status, text } = await call(server, 'GET', '/nothing');
    expect({ status, text }).toEqual({
      status: 404,
      text: '{"m":"Missing Authentication Token","t":"MISSING_AUTHENTICATION_TOKEN"}',
    });
  });

  it('falls back to the default of its class and keeps its own status', async () => {
    const server = await setUpGateway({}, { gatewayResponses: [response('DEFAULT_4XX')] });
    expect(await call(server, 'GET', '/nothing')).toMatchObject({ status: 403, text: expect.stringContaining('"t"') });
  });

  it('that maps what is not known stops the start', async () => {
    const odd = response('DEFAULT_4XX', {
      ResponseParameters: { 'gatewayresponse.header.X': 'method.request.header.X' },
    });
    await expect(setUpGateway({}, { gatewayResponses: [odd] })).rejects.toThrow('header mapping');
  });
});
