/** What is remembered of the last request of a call, and that nothing sent or told in words is part of it. */
import { describe, expect, it } from '@jest/globals';
import { TransportError, type Transport } from '../../../core/egress/egress.ts';
import { observeTransport } from '../../../core/egress/observe.ts';

const CREDENTIAL = 'tokcanary';
const ARGUMENT = 'argument.canary';

async function after(...responses: readonly (readonly [status: number, body: unknown] | TransportError)[]) {
  const rest = [...responses];
  const transport: Transport = async () => {
    const next = rest.shift();
    if (next === undefined || next instanceof Error) throw next ?? new Error('asked too often');
    const [status, body] = next;
    return { status, headers: {}, text: typeof body === 'string' ? body : JSON.stringify(body) };
  };
  const observed = observeTransport(transport);
  for (const _ of responses)
    await observed
      .transport(
        {
          method: 'POST',
          url: new URL(`https://one.example.com/api/things?id=${ARGUMENT}`),
          headers: { authorization: `Bearer ${CREDENTIAL}` },
          body: '{"color":"code_of_body"}',
        },
        new AbortController().signal,
      )
      .catch((error: unknown) => error);
  return observed.last();
}

describe('the last response of a call', () => {
  it('is unknown before anything was sent', async () => {
    expect(await after()).toBeUndefined();
  });

  it.each([
    [503, { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many' }, 'QUERY_LIMIT_EXCEEDED'],
    [400, { error: { code: 403, status: 'PERMISSION_DENIED', message: 'No.' } }, '403'],
    [400, { error: { status: 'PERMISSION_DENIED', message: 'No.' } }, 'PERMISSION_DENIED'],
    [401, { error: 'invalid_grant' }, 'invalid_grant'],
    [422, { errors: [{ code: 'taken' }] }, 'taken'],
    [404, { code: 1404, message: 'gone' }, '1404'],
    [200, { error: 'REVOKED' }, 'REVOKED'],
    [200, { code: 'a_record', status: 'NEW' }, undefined],
    [503, '<html>down</html>', undefined],
    [500, { error: 'Something went wrong with Ann' }, undefined],
    [500, { error: CREDENTIAL }, undefined],
    [500, { error: { code: ARGUMENT } }, undefined],
    [500, { error: 'CODE_OF_BODY' }, undefined],
    [500, { error: 'x'.repeat(100) }, undefined],
    [500, { error: null, errors: [] }, undefined],
  ])('of HTTP %s with %j has the code %s', async (status, body, vendorCode) => {
    expect(await after([status, body])).toEqual({ host: 'one.example.com', status, vendorCode });
  });

  it('is how the connection ended, where none came', async () => {
    const cause = await after([200, {}], new TransportError('timeout', true));
    expect(cause).toEqual({ host: 'one.example.com', broke: 'timeout' });
  });

  it('is the last one of several', async () => {
    expect(await after([401, { error: 'expired_token' }], [200, {}], [502, ''])).toMatchObject({ status: 502 });
  });
});
