/** A real browser and the app on loopback, for what only a browser can tell. */
import axe from 'axe-core';
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

/** False, with the reason printed, where no browser is installed; in CI that is a failure. */
export function browserIsThere(): boolean {
  if (existsSync(CHROMIUM)) return true;
  if (process.env['CI'] !== undefined) throw new Error(`${CHROMIUM} is missing: apt-get install chromium`);
  process.stderr.write(`Browser tests are skipped: there is no ${CHROMIUM} (apt-get install chromium).\n`);
  return false;
}

export const screenshots = mkdtempSync(join(tmpdir(), 'connect-pages-'));

export interface Served {
  readonly url: string;
  /** What was asked, newest last. */
  readonly seen: { readonly path: string; readonly method: string; readonly headers: IncomingHttpHeaders }[];
  readonly close: () => Promise<void>;
}

export async function serve(answer: (request: Request, url: string) => Promise<Response>): Promise<Served> {
  const seen: Served['seen'] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = 'GET', url: path = '/', headers } = incoming;
      seen.push({ path, method, headers });
      const body = method === 'GET' || method === 'HEAD' ? null : Buffer.concat(chunks);
      const request = new Request(new URL(path, url), { method, headers: headers as Record<string, string>, body });
      answer(request, url)
        .then(async (response) => {
          const cookies = response.headers.getSetCookie();
          outgoing.writeHead(response.status, {
            ...Object.fromEntries(response.headers),
            ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
          });
          outgoing.end(Buffer.from(await response.arrayBuffer()));
        })
        .catch((error: unknown) => outgoing.writeHead(500).end(String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** What axe finds that keeps people out, as `rule: element`. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    interface Violation {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string }[];
    }
    const { axe: engine } = globalThis as unknown as {
      axe: { run(options: unknown): Promise<{ violations: readonly Violation[] }> };
    };
    const { violations } = await engine.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.flatMap(({ id, impact, nodes }) => nodes.map(({ html }) => `${impact} ${id}: ${html}`));
  });
}
