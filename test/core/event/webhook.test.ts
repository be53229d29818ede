/** The signature against the published vector of the specification's own libraries, and which addresses may receive. */
import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { Secret } from '../../../core/vault/secret.ts';
import { mintWebhookSecret, webhookHeaders, webhookUrlProblem } from '../../../core/event/webhook.ts';

/** https://github.com/standard-webhooks/standard-webhooks, the test of signing in every library. */
const VECTOR = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  seconds: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

describe('the headers of a delivery', () => {
  it("sign the specification's own example as its libraries do", () => {
    const { secret, seconds, signature, ...event } = VECTOR;
    expect(webhookHeaders(event, [new Secret(secret)], seconds * 1000 + 999)).toEqual({
      'content-type': 'application/json',
      'webhook-id': VECTOR.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': signature,
    });
  });

  it('hold a signature of each secret that is good, newest first', () => {
    const { secret, seconds, signature, ...event } = VECTOR;
    const newer = mintWebhookSecret();
    const headers = webhookHeaders(event, [new Secret(newer), new Secret(secret)], seconds * 1000);
    const [first, second, ...more] = headers['webhook-signature']?.split(' ') ?? [];
    expect([second, more]).toEqual([signature, []]);
    const key = Buffer.from(newer.replace('whsec_', ''), 'base64');
    const signed = `${event.id}.${seconds}.${event.body}`;
    expect(first).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  });

  it('sign the text as it is sent, whatever letters it holds', () => {
    const event = { id: 'evt_1', body: '{"account":"Ünïcode 😀"}' };
    const headers = webhookHeaders(event, [new Secret(VECTOR.secret)], 1_000);
    const key = Buffer.from(VECTOR.secret.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key)
      .update(Buffer.from(`evt_1.1.${event.body}`, 'utf8'))
      .digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  });
});

describe('a new secret', () => {
  it('is 256 random bits in the form of the specification', () => {
    const secrets = Array.from({ length: 50 }, mintWebhookSecret);
    expect(new Set(secrets).size).toBe(50);
    for (const secret of secrets) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]+=*$/);
      expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32);
    }
  });
});

describe('an address for events', () => {
  it.each([
    'https://hooks.example.com/allmcp',
    'https://hooks.example.com:8443/a?token=b',
    'https://hooks.example.com:443/',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
  ])('may be %s', (url) => {
    expect(webhookUrlProblem(url)).toBeUndefined();
  });

  it.each([
    ['http://hooks.example.com/', /https/],
    ['hooks.example.com', /not a web address/],
    ['ftp://hooks.example.com/', /https/],
    ['https://user:secret@hooks.example.com/', /user name/],
    ['https://hooks.example.com/#x', /fragment/],
    ['https://hooks.example.com:22/', /port/],
    ['https://hooks.example.com:25/', /port/],
    ['https://hooks.example.com:80/', /port/],
    ['https://hooks.example.com:6379/', /port/],
    ['https://hooks.example.com:65535/', /port/],
    [`https://hooks.example.com/${'x'.repeat(2_000)}`, /longer/],
    ['https://localhost/', /public internet/],
    ['https://api.localhost./', /public internet/],
    ['https://intranet/', /public internet/],
    ['https://127.0.0.1/', /public internet/],
    ['https://2130706433/', /public internet/],
    ['https://10.1.2.3/', /public internet/],
    ['https://169.254.169.254/latest/meta-data/', /public internet/],
    ['https://[::1]/', /public internet/],
    ['https://[::ffff:10.0.0.1]/', /public internet/],
  ])('may not be %s', (url, why) => {
    expect(webhookUrlProblem(url)).toMatch(why);
  });
});
