/** Web origins (RFC 6454): what a browser names a page by, as knobs, settings and headers are held to it. */

/** What a URL takes for a host and a policy takes for more (`*`, `;`, `,`, quotes) is not here. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/;

/**
 * A plain web origin, exactly as a browser sends it: no path, no default port, lower case. Anything else matches no page, or
 * is a wider rule, or a rule of its own, where it is written into one.
 */
export function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && origin === text && HOST.test(hostname);
}

/** The origin of a desktop app's own page, such as `vscode-webview://abc`. */
export function isAppOrigin(text: string): boolean {
  return /^(?!https?:)[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+$/.test(text);
}

/** A host of the machine that the page is shown on; `hostname` as a URL spells it. */
export function isLoopbackHost(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
