import { describe, expect, it } from '@jest/globals';
import { TransportError } from '../../../core/egress/egress.ts';
import { createHttpsTransport, publicLookup } from '../../../adapters/http/https.ts';

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
    for (const options of [{ all: true }, {}]) {
      const error = await new Promise((resolve) => publicLookup('localhost', options, resolve));
      expect(error).toMatchObject({ code: 'EGRESS_BLOCKED' });
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
