/** What keeps others on the machine, and web pages in its browser, out of the laptop runtime. */
import { describe, expect, it } from '@jest/globals';
import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openDataFolder } from '../../local/data-folder.ts';
import { createGateway } from '../../emulator/api-gateway/server.ts';
import { scratchFolder } from '../lib/synthesized.ts';
import { model } from './access.ts';

describe('the laptop', () => {
  it('the data folder and what is in it are readable by their owner alone', () => {
    const path = join(scratchFolder(), 'data');
    mkdirSync(path);
    chmodSync(path, 0o755);
    const folder = openDataFolder(path);
    folder.keyMaterial(model.keys.map(({ id }) => id));
    folder.saveOperatorKey('allmcp_x');
    folder.announce('http://127.0.0.1:1');
    const others = (file: string): number => lstatSync(file).mode & 0o077;
    const files = readdirSync(path);
    expect(files).toEqual(expect.arrayContaining(['kms.json', 'operator-key', 'server.json']));
    expect(others(path)).toBe(0);
    for (const file of files) expect([file, others(join(path, file))]).toEqual([file, 0]);
    folder.release();
  });

  it('a request under another host name is refused before any function runs', async () => {
    const invoked: string[] = [];
    const server = createGateway({
      api: model.api,
      place: model.place,
      invoke: async (arn) => {
        invoked.push(arn);
        return { kind: 'timed-out' };
      },
      onAccess: () => undefined,
      onFailure: () => undefined,
      clock: Date.now,
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const status = (host: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = { host, 'x-api-key': 'allmcp_x', 'content-length': '2' };
        request({ port, host: '127.0.0.1', path: '/mcp', method: 'POST', headers, agent: false }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        })
          .on('error', reject)
          .end('{}');
      });
    try {
      for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', `169.254.169.254:${port}`])
        expect(await status(host)).toBeGreaterThanOrEqual(400);
      expect(invoked).toEqual([]);
      await status(`127.0.0.1:${port}`);
      expect(invoked).toHaveLength(1);
    } finally {
      // Also when an expectation fails: an open server would keep the test process alive.
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
