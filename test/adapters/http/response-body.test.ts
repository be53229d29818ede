import { describe, expect, it } from '@jest/globals';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { textOfBody } from '../../../adapters/http/response-body.ts';

const LIMIT = 100_000;
const TEXT = '{"name":"Zoë 日本 😀"}';
const read = (body: Buffer, headers: Record<string, string> = {}) => textOfBody(body, headers, LIMIT);

describe('the body of a response', () => {
  it.each([
    ['gzip', gzipSync(TEXT)],
    ['x-gzip', gzipSync(TEXT)],
    ['GZIP ', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['deflate', deflateRawSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['identity', Buffer.from(TEXT)],
    ['', Buffer.from(TEXT)],
    ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
    ['identity, gzip', gzipSync(TEXT)],
  ])('is unpacked as the response says: %s', async (encoding, body) => {
    expect(await read(body, { 'content-encoding': encoding })).toBe(TEXT);
  });

  it('is counted as it is once unpacked', async () => {
    const fits = 'x'.repeat(LIMIT);
    for (const pack of [gzipSync, deflateSync, deflateRawSync, brotliCompressSync]) {
      const encoding = pack === gzipSync ? 'gzip' : pack === brotliCompressSync ? 'br' : 'deflate';
      expect(await read(pack(fits), { 'content-encoding': encoding })).toBe(fits);
      await expect(read(pack(`${fits}x`), { 'content-encoding': encoding })).rejects.toMatchObject({
        kind: 'too_large',
        sent: true,
      });
    }
    const bomb = gzipSync(gzipSync('x'.repeat(50_000_000)));
    expect(bomb.length).toBeLessThan(1_000);
    await expect(read(bomb, { 'content-encoding': 'gzip, gzip' })).rejects.toMatchObject({ kind: 'too_large' });
  });

  it.each([
    ['an encoding that nobody knows', 'zstd', Buffer.from(TEXT)],
    ['an encoding that it is not in', 'gzip', Buffer.from(TEXT)],
    ['a cut one', 'gzip', gzipSync(TEXT).subarray(0, 20)],
    ['layers without end', 'gzip, gzip, gzip, gzip', gzipSync(TEXT)],
  ])('is unreadable in %s, and was sent', async (_what, encoding, body) => {
    await expect(read(body, { 'content-encoding': encoding })).rejects.toMatchObject({
      kind: 'unreadable',
      sent: true,
    });
  });

  it('is nothing where nothing came, whatever it is said to be packed in', async () => {
    for (const encoding of ['gzip', 'zstd', ''])
      expect(await read(Buffer.alloc(0), { 'content-encoding': encoding })).toBe('');
  });

  it('is decoded by its byte order mark, its charset, or as UTF-8', async () => {
    const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');
    expect(await read(Buffer.from(`\uFEFF${TEXT}`))).toBe(TEXT);
    expect(await read(utf16(TEXT), { 'content-type': 'application/json; charset=utf-8' })).toBe(TEXT);
    expect(await read(utf16(TEXT).swap16())).toBe(TEXT);
    const cyrillic = Buffer.from([0x22, 0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x22]);
    expect(await read(cyrillic, { 'content-type': 'application/json;charset="windows-1251"' })).toBe('"Привет"');
    expect(await read(Buffer.from(TEXT), { 'content-type': 'application/json; charset=klingon' })).toBe(TEXT);
    const broken = await read(Buffer.from([0x61, 0xed, 0xa0, 0xbd, 0xff]));
    expect([broken.isWellFormed(), broken[0]]).toEqual([true, 'a']);
  });
});
