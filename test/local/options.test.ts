/** The command line of `npm start`. */
import { describe, expect, it } from '@jest/globals';
import { readOptions, USAGE, UsageError } from '../../local/options.ts';

const read = (args: string[], env: Record<string, string> = {}) => readOptions(args, env, '/home/me');

describe('the options', () => {
  it('have defaults', () => {
    expect(read([])).toEqual({
      port: 8787,
      data: '/home/me/.allmcp',
      routes: {},
      dynamodbEndpoint: undefined,
      assembly: undefined,
      traceAws: false,
      faults: [],
      freeze: false,
      conformance: false,
    });
  });

  it('come from flags before the environment', () => {
    expect(read(['--port', '9000', '--data', 'x'], { PORT: '1', ALLMCP_DATA: 'y' })).toMatchObject({
      port: 9000,
      data: '/home/me/x',
    });
    expect(read([], { PORT: '1', ALLMCP_DATA: '/y', ALLMCP_DDB_ENDPOINT: 'http://127.0.0.1:8000' })).toMatchObject({
      port: 1,
      data: '/y',
      dynamodbEndpoint: new URL('http://127.0.0.1:8000'),
    });
    expect(read([], { PORT: '', ALLMCP_DATA: '' })).toMatchObject({ port: 8787, data: '/home/me/.allmcp' });
  });

  it('take routes to loopback, several of them', () => {
    const routes = [
      '--route',
      'Acme.Bitrix24.com=http://127.0.0.1:4010',
      '--route',
      'b.example.com=http://localhost:4011/',
    ];
    expect(read(routes)).toMatchObject({
      routes: { 'acme.bitrix24.com': 'http://127.0.0.1:4010', 'b.example.com': 'http://localhost:4011' },
    });
  });

  it('take faults of AWS, several of them, and freezing', () => {
    const args = ['--fault', 'dynamodb:UpdateItem:throttle@3', '--fault', 'sts:*:down', '--freeze'];
    expect(read(args)).toMatchObject({
      faults: [
        { service: 'dynamodb', operation: 'UpdateItem', kind: 'throttle', nth: 3 },
        { service: 'sts', operation: '*', kind: 'down', nth: undefined },
      ],
      freeze: true,
    });
  });

  it.each([
    ['--route', 'acme.com=http://10.0.0.1:4010'],
    ['--route', 'acme.com=http://127.0.0.1.evil.com:4010'],
    ['--route', 'acme.com=https://127.0.0.1:4010'],
    ['--route', 'acme.com=http://127.0.0.1'],
    ['--route', 'acme.com=http://127.0.0.1:4010/path'],
    ['--route', 'acme.com'],
    ['--route', '=http://127.0.0.1:4010'],
    ['--route', 'https://acme.com=http://127.0.0.1:4010'],
    ['--fault', 'dynamodb:UpdateItem'],
    ['--fault', 's3:GetObject:down'],
    ['--fault', 'dynamodb:UpdateItem:broken'],
    ['--fault', 'dynamodb:UpdateItem:throttle@0'],
    ['--fault', 'dynamodb:UpdateItem:throttle@x'],
    ['--port', '70000'],
    ['--port', '-1'],
    ['--port', 'x'],
    ['--unknown'],
    ['extra'],
  ])('refuse %s %s', (...args) => {
    expect(() => read(args)).toThrow(UsageError);
  });

  it('refuse an endpoint that is not a web address', () => {
    expect(() => read([], { ALLMCP_DDB_ENDPOINT: 'file:///x' })).toThrow(UsageError);
  });

  it('explain themselves, every flag and variable', () => {
    expect(read(['--help'])).toBe('help');
    for (const word of [
      '--port',
      '--data',
      '--route',
      '--trace-aws',
      '--help',
      'PORT',
      'ALLMCP_DATA',
      'ALLMCP_DDB_ENDPOINT',
    ])
      expect(USAGE).toContain(word);
  });
});
