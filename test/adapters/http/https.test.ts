import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { TransportError } from '../../../core/egress/egress.ts';
import { createHttpsTransport, createPublicLookup } from '../../../adapters/http/https.ts';
import { SELF_SIGNED } from '../../fakes/self-signed.ts';

const send = (url: string, signal: AbortSignal = AbortSignal.timeout(5_000)) =>
  createHttpsTransport()({ method: 'GET', url: new URL(url), headers: {} }, signal).then(
    () => 'answered',
    (error: unknown) => error,
  );

describe('the way out to providers', () => {
  it('does not connect to a name that leads to a private address', async () => {
    const error = await send('https://localhost/');
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ kind: 'blocked', sent: false });
  });

  it.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1/',
    'https://[::ffff:7f00:1]/',
  ])('does not connect to the address in %s', async (url) => {
    expect(await send(url)).toMatchObject({ kind: 'blocked', sent: false });
  });

  it('checks every address a name has, in both forms a caller may ask in', async () => {
    const found = (...addresses: string[]) =>
      createPublicLookup((_name, _options, callback) =>
        callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        ),
      );
    const ask = (lookup: ReturnType<typeof found>, options: { all?: boolean }) =>
      new Promise((resolve) => lookup('provider.example', options, (error, address) => resolve(error ?? address)));
    const [open, shut] = ['93.184.215.14', '10.0.0.1'];
    for (const options of [{ all: true }, {}]) {
      for (const addresses of [
        [shut],
        [open, shut],
        [shut, open],
        [open, open, '::1'],
        ['2606:2800::1', '169.254.169.254'],
        [],
      ])
        expect([addresses, await ask(found(...addresses), options)]).toMatchObject([
          addresses,
          { code: 'EGRESS_BLOCKED' },
        ]);
      const local = await new Promise((resolve) => createPublicLookup()('localhost', options, resolve));
      expect(local).toMatchObject({ code: 'EGRESS_BLOCKED' });
    }
    expect(await ask(found(open, '2606:2800::1'), {})).toBe(open);
    expect(await ask(found(open), { all: true })).toEqual([{ address: open, family: 4 }]);
  });

  it('accepts no certificate that nobody it trusts has signed', async () => {
    const asked: string[] = [];
    const server = createServer(SELF_SIGNED, (request, response) => {
      asked.push(String(request.url));
      response.end('hello');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    // The name leads to this machine, as no name may outside of a test.
    const transport = createHttpsTransport({
      lookup: (_name, { all }, callback) =>
        all === true ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4),
    });
    const url = new URL(`https://provider.example:${port}/secret`);
    try {
      const answered = transport({ method: 'POST', url, headers: {}, body: 'x' }, AbortSignal.timeout(5_000));
      // Not sent: a change that a wrong server never got is no change that may have happened.
      await expect(answered).rejects.toMatchObject({ kind: 'unreachable', sent: false });
      expect(asked).toEqual([]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('says that nothing was sent when the name does not exist', async () => {
    expect(await send('https://no-such-host.invalid/')).toMatchObject({ kind: 'unreachable', sent: false });
  });

  it('says that nothing was sent when the time is up before it could connect', async () => {
    expect(await send('https://no-such-host.invalid/', AbortSignal.abort())).toMatchObject({
      kind: 'timeout',
      sent: false,
    });
  });
});
