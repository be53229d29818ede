/** Where a person may be sent after connecting: addresses of the list, and below its folders, however a path is spelt. */
import { describe, expect, it } from '@jest/globals';
import { isAllowedReturn, ReturnUrls } from '../../../core/tenant/settings.ts';

const LIST = { return_urls: ['https://ok.example/cb/', 'https://ok.example/done', 'http://localhost:3000/x/'] };

describe('a return address', () => {
  it.each([
    'https://ok.example/cb/',
    'https://ok.example/cb/a/b?x=..%2f',
    'https://ok.example/cb/a%20b',
    'https://ok.example/cb/a%2fb',
    'https://ok.example/cb/v1.2/.well-known',
    'https://ok.example/cb/x/../y',
    'https://ok.example/done',
    'https://ok.example/done?tab=1',
    'http://localhost:3000/x/y',
  ])('is allowed: %s', (address) => {
    expect(isAllowedReturn(LIST, address)).toBe(true);
  });

  it.each([
    'https://ok.example/cb/..%2fevil',
    'https://ok.example/cb/..%2Fevil',
    'https://ok.example/cb/..%5cevil',
    'https://ok.example/cb/%2e%2e%2fevil',
    'https://ok.example/cb/..%252fevil',
    'https://ok.example/cb/%252e%252e/evil',
    'https://ok.example/cb/a/..%25252f..%25252fevil',
    'https://ok.example/cb/..;/evil',
    'https://ok.example/cb/..;a=b/evil',
    'https://ok.example/cb/..%20/evil',
    'https://ok.example/cb/..%00/evil',
    'https://ok.example/cb/%0d%0aLocation:x',
    'https://ok.example/cb/%ff',
    'https://ok.example/cb/../evil',
    'https://ok.example/cb',
    'https://ok.example/done/',
    'https://ok.example/done/x',
    'https://ok.example.evil/cb/',
    'https://ok.example:8443/cb/',
    'http://ok.example/cb/',
    'https://a@ok.example/cb/',
    'https://ok.example/cb/#x',
  ])('is not allowed: %s', (address) => {
    expect(isAllowedReturn(LIST, address)).toBe(false);
  });

  it.each(['https://*.example/', 'https://*/', 'https://ok.example/cb/*', 'http://*:3000/', 'https://a.*.example/x'])(
    'with a star is refused when it is set, because it would never match: %s',
    (entry) => {
      expect(ReturnUrls.safeParse([entry]).success).toBe(false);
    },
  );
});
