/** What docs/embed.md tells receivers of events to do works with the events that are really sent. */
import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CONNECTION_EVENT_TYPES, connectionEvent } from '../../core/event/connection-event.ts';
import { CONSENT_PROBLEMS } from '../../core/consent/problem.ts';
import { GRANT_TTL_MS } from '../../core/consent/pending.ts';
import { EVENT_TTL_MS, nextAttempt } from '../../core/event/outbox.ts';
import { Secret } from '../../core/vault/secret.ts';
import { LINK_TTL_MS } from '../../core/connect/link.ts';
import { mintWebhookSecret, webhookHeaders } from '../../core/event/webhook.ts';
import { DELIVERY_MS } from '../../lambda/events/app.ts';
import { codeBlocks, codeSpans, readPage, section, tableRows } from './markdown.ts';

const page = section(readPage('docs/embed.md'), 'Events');
const NOW = Date.parse('2026-11-22T10:00:00.000Z');

interface Given {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly secret: string;
  readonly now?: number;
}

async function theCheck(): Promise<(given: Given) => boolean> {
  const [code, ...more] = codeBlocks(page).filter(({ language }) => language === 'js');
  if (code === undefined || more.length > 0) throw new Error('not one snippet');
  const file = join(mkdtempSync(join(tmpdir(), 'allmcp-snippet-')), 'check.mjs');
  writeFileSync(file, code.text);
  const { isFromAllMcp } = (await import(pathToFileURL(file).href)) as { isFromAllMcp: (given: Given) => boolean };
  return isFromAllMcp;
}

describe('the check that docs/embed.md gives to receivers', () => {
  const secret = mintWebhookSecret();
  const older = mintWebhookSecret();
  const event = { id: 'evt_1', body: '{"account":"Ünïcode 😀"}' };
  const headers = webhookHeaders(event, [new Secret(secret), new Secret(older)], NOW);
  const given: Given = { headers, body: event.body, secret, now: NOW };

  it('takes what is sent, with the new secret and with the one before', async () => {
    const check = await theCheck();
    expect(check(given)).toBe(true);
    expect(check({ ...given, secret: older })).toBe(true);
  });

  it('refuses everything else', async () => {
    const check = await theCheck();
    const other: readonly (readonly [string, Partial<Given>])[] = [
      ['another secret', { secret: mintWebhookSecret() }],
      ['another body', { body: `${event.body} ` }],
      ['another id', { headers: { ...headers, 'webhook-id': 'evt_2' } }],
      ['another time', { headers: { ...headers, 'webhook-timestamp': String(NOW / 1000 + 1) } }],
      ['a time that is none', { headers: { ...headers, 'webhook-timestamp': 'now' } }],
      ['an old one', { now: NOW + 300_000 }],
      ['one from the future', { now: NOW - 300_000 }],
      [
        'another kind of signature',
        { headers: { ...headers, 'webhook-signature': headers['webhook-signature']?.replaceAll('v1,', 'v2,') ?? '' } },
      ],
      ['half a signature', { headers: { ...headers, 'webhook-signature': 'v1,abc=' } }],
      ['no signature', { headers: { 'webhook-id': 'evt_1', 'webhook-timestamp': String(NOW / 1000) } }],
      ['no headers', { headers: {} }],
    ];
    for (const [what, change] of other) expect([what, check({ ...given, ...change })]).toEqual([what, false]);
  });

  it('takes what arrives now when no time is given', async () => {
    const check = await theCheck();
    const now = webhookHeaders(event, [new Secret(secret)], Date.now());
    expect(check({ headers: now, body: event.body, secret })).toBe(true);
  });
});

describe('the way back to a product in docs/embed.md', () => {
  const links = section(readPage('docs/embed.md'), 'Connect links');

  it('names every way in which a consent can fail, and no other', () => {
    const [, list = ''] = /`error` is one of\s([^.]+)\./.exec(links) ?? [];
    expect(codeSpans(list)).toEqual(CONSENT_PROBLEMS);
  });

  it('is said to be open as long as a link and a consent last', () => {
    const minutes = (LINK_TTL_MS + GRANT_TTL_MS) / 60_000;
    expect(links).toContain(`up to ${minutes} minutes`);
    expect([LINK_TTL_MS, GRANT_TTL_MS]).toEqual([600_000, 600_000]);
  });
});

describe('the events of docs/embed.md', () => {
  it('are of the types that there are, and no other', () => {
    const types = tableRows(page).map(([type = '']) => codeSpans(type)[0]);
    expect(types).toEqual([...CONNECTION_EVENT_TYPES, 'ping']);
  });

  it('look as they are sent', () => {
    const [example] = codeBlocks(page).filter(({ language }) => language === 'json');
    const shown = JSON.parse(example?.text ?? '') as Record<string, unknown>;
    const owner = { client: 'acme', org: 'jsm', user: 'ann' };
    const change = { provider: 'bitrix24', connection: 'default', accountName: 'Ann Example' };
    const { body } = connectionEvent(
      { ...change, type: 'connection.created', owner },
      String(shown['id']),
      String(shown['created_at']),
    );
    expect(shown).toEqual(JSON.parse(body));
  });

  it('are tried when the page says', () => {
    const told = /tried again after 1, 5 and 30 minutes,\s+2 hours and then every 6 hours/;
    expect(page).toMatch(told);
    const delays = [1, 2, 3, 4, 5, 6].map(
      (attempts) => (nextAttempt({ attempts, expiresAt: NOW + EVENT_TTL_MS }, NOW, 0) ?? 0) - NOW,
    );
    expect(delays.map((ms) => ms / 60_000)).toEqual([1, 5, 30, 120, 360, 360]);
    expect(page).toContain(`within ${DELIVERY_MS / 1000} seconds`);
    expect([EVENT_TTL_MS, page.includes('for three days')]).toEqual([3 * 86_400_000, true]);
  });
});
