/**
 * A client's webhook: the address its events are posted to and the secret that signs them, by the rules of the
 * Standard Webhooks specification (https://github.com/standard-webhooks/standard-webhooks, version 1.0.0), so that
 * receivers can use any of its libraries.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { isPrivateAddress } from '../egress/egress.ts';
import type { Secret } from '../vault/secret.ts';
import type { EpochMs } from '../time.ts';

export interface Webhook {
  readonly url: URL;
  /** Newest first; the one before it signs along for a day, so that a receiver can change over without a gap. */
  readonly secrets: readonly Secret<string>[];
}

/** How long a replaced secret still signs. */
export const OLD_SECRET_MS = 86_400_000;
const PREFIX = 'whsec_';
/** Between the 192 and 512 bits that the specification allows. */
const SECRET_BYTES = 32;
const MAX_URL = 2_000;
/** Where web servers listen for https. Other ports belong to other protocols, which an event must not be spoken to. */
const PORTS = ['443', '4443', '8443', '9443', '10443'];

export function mintWebhookSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** The headers of one attempt. The time is the attempt's, so that a receiver can refuse a replay. */
export function webhookHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  secrets: readonly Secret<string>[],
  now: EpochMs,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => signature(secret, `${id}.${timestamp}.${body}`)).join(' '),
  };
}

function signature(secret: Secret<string>, signed: string): string {
  const key = Buffer.from(secret.reveal().slice(PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(signed, 'utf8').digest('base64')}`;
}

/**
 * Why an address cannot receive events, or undefined. The way out refuses private addresses again when it connects;
 * this tells the operator while the address is being set.
 */
export function webhookUrlProblem(text: string): string | undefined {
  if (text.length > MAX_URL) return `is longer than ${MAX_URL} characters`;
  if (!URL.canParse(text)) return 'is not a web address';
  const { protocol, hostname, port, username, password, hash } = new URL(text);
  if (protocol !== 'https:') return 'does not begin with https://';
  if (`${username}${password}` !== '') return 'holds a user name or password';
  if (hash !== '') return 'holds a fragment';
  if (port !== '' && !PORTS.includes(port)) return `names a port that is not for https: use one of ${PORTS.join(', ')}`;
  const host = hostname.replace(/^\[|\]$/g, '');
  const isPublic = isIP(host) === 0 ? host.includes('.') && !/(^|\.)localhost\.?$/.test(host) : !isPrivateAddress(host);
  return isPublic ? undefined : 'does not lead to the public internet';
}
