/** One rule for origins: knobs of a deployment, settings of a client, headers of a page. */
import { describe, expect, it } from '@jest/globals';
import { isAppOrigin, isLoopbackHost, isOrigin } from '../../core/origin.ts';
import { ClientSettings } from '../../core/tenant/settings.ts';
import { createOriginRules } from '../../lambda/mcp/protocol/origin.ts';
import { readDeployConfig } from '../../lib/deploy-config.ts';

const WEB = ['https://app.example.com', 'http://intranet:8080', 'https://[2001:db8::1]:8443', 'http://localhost:3000'];
const APPS = ['vscode-webview://abc', 'app://obsidian.md', 'capacitor://localhost'];
const NONE = [
  '*',
  'null',
  '',
  'https://*',
  'https://*.example.com',
  'http://*:8080',
  'https://app.example.com/',
  'https://app.example.com:443',
  'https://APP.example.com',
  'https://user@app.example.com',
  'https://a.example.com,https://b.example.com',
  "https://a.example.com'self'",
  'https://a.example.com;b',
  'https://a.example.com https://b.example.com',
  'app.example.com',
  'vscode-webview://*',
  'javascript://%0aalert(1)',
  'data:text/html,x',
];

const takenByKnob = (origin: string): boolean => {
  try {
    return readDeployConfig({ allowedOrigins: [origin] }).allowedOrigins.length === 1;
  } catch {
    return false;
  }
};
const takenBySettings = (origin: string): boolean => ClientSettings.safeParse({ embedding_origins: [origin] }).success;

describe('an origin', () => {
  it.each(WEB)('of the web is one for knobs and settings: %s', (origin) => {
    expect([isOrigin(origin), takenByKnob(origin), takenBySettings(origin)]).toEqual([true, true, true]);
  });

  it.each(APPS)('of a desktop app may use the endpoint and frame no page: %s', (origin) => {
    expect([isAppOrigin(origin), takenByKnob(origin), takenBySettings(origin)]).toEqual([true, true, false]);
  });

  it.each(NONE)('is not %j, for nobody', (text) => {
    expect([isOrigin(text), isAppOrigin(text), takenByKnob(text), takenBySettings(text)]).toEqual(
      Array.from({ length: 4 }, () => false),
    );
  });

  it('that a knob takes lets the page in that a browser names so', () => {
    for (const origin of [...WEB, ...APPS]) {
      const rules = createOriginRules(readDeployConfig({ allowedOrigins: [origin] }).allowedOrigins);
      const asked = new Request('https://mcp.example.com/mcp', { method: 'POST', headers: { origin } });
      expect([origin, rules.refuse(asked)]).toEqual([origin, undefined]);
    }
  });

  it('of this machine is known by its host alone', () => {
    expect(['localhost', '127.0.0.1', '[::1]'].every(isLoopbackHost)).toBe(true);
    expect(['localhost.example.com', '127.0.0.2', '', 'LOCALHOST'].some(isLoopbackHost)).toBe(false);
  });
});
