/**
 * What every answer of the connect pages tells the browser: run nothing, load nothing, send forms only where this
 * page means to, show it in no frame but the client's own, remember nothing, tell nobody where you were, come by https
 * the next time too.
 */
import { createHash } from 'node:crypto';
import { isOrigin } from '../../core/origin.ts';

export interface PageRules {
  /** Text of the one inline style sheet. */
  readonly style: string;
  /** Where a form may lead besides this service: browsers hold redirects after a form to the same rule. */
  readonly formTargets: readonly string[];
  /**
   * A consent begins here: the form may lead to any page over https. Providers send people who are not signed in to
   * another host of theirs, or to the sign-in of a person's company, and Chrome and Safari hold every redirect of the
   * chain to the rule. Ours is a 303, so no field goes along.
   *
   * @default false
   */
  readonly beginsConsent?: boolean;
  /** Origins that may frame the page. */
  readonly frameAncestors: readonly string[];
  /** The page shows an image of this service. */
  readonly ownImages: boolean;
}

export function pageHeaders(rules: PageRules): Headers {
  const ancestors = rules.frameAncestors.filter(isOrigin);
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      `style-src 'sha256-${createHash('sha256').update(rules.style).digest('base64')}'`,
      `img-src data:${rules.ownImages ? " 'self'" : ''}`,
      `form-action ${["'self'", ...(rules.beginsConsent === true ? ['https:'] : []), ...rules.formTargets.filter(isOrigin)].join(' ')}`,
      `frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(' ')}`,
      "base-uri 'none'",
    ].join('; '),
    'referrer-policy': 'no-referrer',
    // Browsers heed it on https alone. Not for the hosts below: they are the operator's.
    'strict-transport-security': 'max-age=31536000',
    // A page that opened this one in a window of its own has no hold on it.
    'cross-origin-opener-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex, nofollow',
    'permissions-policy':
      'accelerometer=(), camera=(), clipboard-read=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()',
  });
  // For browsers that do not know frame-ancestors; it cannot name an origin.
  if (ancestors.length === 0) headers.set('x-frame-options', 'DENY');
  return headers;
}
