import { describe, expect, it } from '@jest/globals';
import { egressProblem, hostMatches, isPrivateAddress } from '../../../core/egress/egress.ts';

const hosts = ['*.bitrix24.com', 'api.example.com'];
const to = (url: string, headers = {}) => egressProblem({ method: 'GET', url: new URL(url), headers }, hosts);

describe('what may leave', () => {
  it('goes to the hosts of the provider, over https, on the usual port', () => {
    expect(to('https://acme.bitrix24.com/rest/1/x/user.current')).toBeUndefined();
    expect(to('https://API.example.com/')).toBeUndefined();
    expect(to('https://acme.bitrix24.com:443/')).toBeUndefined();
    for (const url of [
      'http://acme.bitrix24.com/',
      'https://acme.bitrix24.com:8443/',
      'https://acme.bitrix24.com:80/',
      'https://evil.example/',
      'https://acme.bitrix24.com.evil.example/',
    ])
      expect([url, to(url) === undefined]).toEqual([url, false]);
  });

  it.each([
    'http://acme.bitrix24.com/',
    'https://acme.bitrix24.com:8443/',
    'https://user:pw@acme.bitrix24.com/',
    'https://bitrix24.com/',
    'https://a.b.bitrix24.com/',
    'https://acme.bitrix24.com.evil.example/',
    'https://evilbitrix24.com/',
    'https://acme.bitrix24.com./',
    'https://127.0.0.1/',
    'https://[::1]/',
  ])('does not go to %s', (url) => {
    expect(to(url)).toBeDefined();
  });

  it('does not carry headers that would change where it goes or who it seems to be from', () => {
    for (const name of ['Host', 'cookie', 'X-Forwarded-For', 'transfer-encoding', 'Mcp-Session-Id', 'content-length'])
      expect(to('https://api.example.com/', { [name]: 'x' })).toContain('reserved');
  });

  it('does not carry values that no header can hold, and never quotes them', () => {
    for (const value of ['a\nb', 'a\0b', 'canary\u0441', '\u{1F511}'])
      expect(to('https://api.example.com/', { authorization: value })).toMatch(
        /^the header authorization cannot hold every character of what was given$/,
      );
    expect(to('https://api.example.com/', { authorization: 'Bearer ~\t\u00E9' })).toBeUndefined();
  });

  it('never quotes the address, which may hold a secret', () => {
    expect(to('https://evil.example/rest/1/canary/')).not.toContain('canary');
  });

  it('a star stands for exactly one label', () => {
    expect(hostMatches('a.example.com', '*.example.com')).toBe(true);
    expect(hostMatches('.example.com', '*.example.com')).toBe(false);
  });
});

describe('a private address', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'not an address',
    '',
  ])('%s is refused', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '93.184.216.34', '2a00:1450:4001:81b::200e', '2606:4700::1111'])(
    '%s is public',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );
});
