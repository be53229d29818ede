/** Mock integrations: responses without a function. */
import { describe, expect, it } from '@jest/globals';
import { call, method, mock, setUpGateway } from './set-up.ts';

describe('a mock', () => {
  it('answers without a function, with its headers', async () => {
    const server = await setUpGateway();
    const { status, text, headers } = await call(server, 'DELETE', '/work');
    expect({ status, text, allow: headers['allow'] }).toEqual({ status: 405, text: '{"fixed":405}', allow: 'POST' });
  });

  it('refuses a content type that it has no template for', async () => {
    const server = await setUpGateway();
    const answer = await call(server, 'PUT', '/work', { headers: { 'content-type': 'text/csv' }, body: 'a' });
    expect(answer.status).toBe(415);
  });

  it('takes the body for its template when it passes bodies through', async () => {
    const methods = [method('ANY', '/m', mock('200', {}, { PassthroughBehavior: 'WHEN_NO_MATCH' }))];
    const server = await setUpGateway({}, { methods });
    const ask = (body: string) => call(server, 'POST', '/m', { headers: { 'content-type': 'text/csv' }, body });
    expect((await ask('{"statusCode":200}')).status).toBe(200);
    expect((await ask('{ statusCode: 200 }')).status).toBe(200);
    expect((await ask('no json')).status).toBe(500);
  });

  it('with a template that needs more than variables stops the start', async () => {
    const methods = [
      method(
        'ANY',
        '/m',
        mock('200', {}, { RequestTemplates: { 'application/json': '#set($a = 1){"statusCode":$a}' } }),
      ),
    ];
    await expect(setUpGateway({}, { methods })).rejects.toThrow('$context variables only');
    const mapped = [method('ANY', '/m', mock('200', { 'method.response.header.X': 'integration.response.header.X' }))];
    await expect(setUpGateway({}, { methods: mapped })).rejects.toThrow('header mapping');
  });
});
