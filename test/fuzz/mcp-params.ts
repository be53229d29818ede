/** Parameters of generated MCP requests. */
import fc from 'fast-check';
import { mostly, oddText, oddValue, record } from './hostile.ts';

export const MODERN = '2026-07-28';
export const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'] as const;

/** What the server itself gave out, to be sent back as it is or changed. */
export interface Samples {
  readonly cursor: string;
  readonly confirmToken: string;
  readonly requestState: string;
  /** Of a question to connect. */
  readonly connectState: string;
  readonly resultUri: string;
  readonly toolNames: readonly string[];
}

export type Any = fc.Arbitrary<unknown>;

/** A text as it was given out, cut, extended or with one character changed. */
function spoiled(text: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(text) },
    { weight: 1, arbitrary: fc.nat(text.length).map((length) => text.slice(0, length)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(text.length), fc.string({ maxLength: 3 }))
        .map(([at, more]) => text.slice(0, at) + more + text.slice(at + 1)),
    },
  );
}

const forged = fc
  .oneof(
    oddValue,
    fc.record({ d: fc.string(), s: oddValue, k: oddValue }),
    fc.record({ e: oddText, i: oddText, c: oddText, t: oddText }),
  )
  .map((value) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url'));

function argumentsOf({ cursor, confirmToken, toolNames }: Samples): Any {
  const connection = fc.constantFrom('default', 'work', '', 'UPPER', 'x'.repeat(41));
  const tool = fc.constantFrom(...toolNames);
  const own = record({ id: mostly(fc.constantFrom('1', '')), color: mostly(fc.constantFrom('red', '')) });
  const secret = mostly(fc.constantFrom('tok_good', 'tok_bad', '', 'x'.repeat(5_000)));
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 3, arbitrary: own },
    {
      weight: 2,
      arbitrary: record({ cursor: fc.oneof(spoiled(cursor), forged, oddValue), color: fc.constant('red') }),
    },
    {
      weight: 2,
      arbitrary: record({ id: fc.constant('1'), confirm_token: fc.oneof(spoiled(confirmToken), forged, oddValue) }),
    },
    { weight: 1, arbitrary: record({ id: fc.constant('1'), connection: mostly(connection) }) },
    {
      weight: 3,
      arbitrary: record({
        tool: mostly(tool),
        arguments: mostly(own),
        connection,
        confirm_token: mostly(spoiled(confirmToken)),
      }),
    },
    { weight: 2, arbitrary: record({ tool: mostly(tool), arguments: mostly(own) }) },
    { weight: 2, arbitrary: record({ provider_key: mostly(fc.constantFrom('example', 'exampel')), api_key: secret }) },
    {
      weight: 1,
      arbitrary: record({
        provider_key: fc.constant('example'),
        extra_fields: mostly(fc.dictionary(oddText, oddText, { maxKeys: 3 })),
        login: secret,
        password: secret,
        connection: mostly(connection),
      }),
    },
    {
      weight: 2,
      arbitrary: record({ provider_key: fc.constant('example'), category: mostly(fc.constantFrom('things', 'x')) }),
    },
    { weight: 1, arbitrary: record({ provider_key: mostly(fc.constant('example')), connection: mostly(connection) }) },
    {
      weight: 2,
      arbitrary: record({ query: mostly(fc.oneof(oddText, fc.constant('paint'))), limit: mostly(fc.integer()) }),
    },
    { weight: 1, arbitrary: record({ summary: mostly(oddText), description: mostly(oddText) }) },
    { weight: 2, arbitrary: oddValue },
  );
}

export function paramsOf(method: string, samples: Samples): Any {
  const name = mostly(fc.constantFrom(...samples.toolNames), fc.oneof(oddText, oddValue));
  const responses = fc.oneof(
    fc.constantFrom('accept', 'decline', 'cancel', 'x').map((action) => ({ confirm: { action, content: {} } })),
    fc.constantFrom('accept', 'decline', 'cancel', 'x').map((action) => ({ connect: { action } })),
    fc.dictionary(oddText, oddValue, { maxKeys: 3 }),
  );
  switch (method) {
    case 'tools/call':
      return fc.oneof(
        { weight: 4, arbitrary: record({ name, arguments: argumentsOf(samples) }, 40) },
        {
          weight: 1,
          arbitrary: record({
            name: fc.constantFrom('example_erase_thing', 'call_tool'),
            arguments: mostly(fc.constant({ id: '1' })),
            requestState: fc.oneof(spoiled(samples.requestState), forged, oddValue),
            inputResponses: mostly(responses),
          }),
        },
        {
          weight: 1,
          arbitrary: record({
            name: fc.constant('connect_provider'),
            arguments: mostly(fc.constant({ provider_key: 'example' })),
            requestState: fc.oneof(spoiled(samples.connectState), forged),
            inputResponses: mostly(responses),
          }),
        },
      );
    case 'initialize':
      return record({
        protocolVersion: mostly(fc.constantFrom(...LEGACY, MODERN, '1999-01-01')),
        capabilities: mostly(fc.constantFrom<unknown>({}, { elicitation: {} }, { roots: { listChanged: true } })),
        clientInfo: mostly(fc.constant({ name: 'fuzz', version: '1' })),
      });
    case 'prompts/get':
      return record({
        name: mostly(fc.constantFrom('connect', 'troubleshoot', 'other')),
        arguments: mostly(fc.dictionary(fc.constantFrom('provider', 'problem', 'x'), mostly(oddText), { maxKeys: 2 })),
      });
    case 'resources/read':
    case 'skills/get':
    case 'resources/subscribe':
      return record({
        uri: fc.oneof(
          spoiled(samples.resultUri),
          fc.constantFrom(
            'result://',
            'result://x.99999999999',
            'skill://example/things/SKILL.md',
            'skill://',
            'ftp://x/y',
            'x',
            'http://%',
          ),
          oddValue,
        ),
      });
    case 'completion/complete':
      return record({
        ref: mostly(
          fc.constantFrom<unknown>(
            { type: 'ref/prompt', name: 'connect' },
            { type: 'ref/resource', uri: 'result://{id}' },
          ),
        ),
        argument: mostly(
          record({ name: mostly(fc.constantFrom('provider', 'category', 'x')), value: mostly(oddText) }),
        ),
        context: mostly(fc.constant({ arguments: {} })),
      });
    case 'notifications/cancelled':
      return record({ requestId: oddValue, reason: oddValue });
    case 'subscriptions/listen':
      return record({ filters: oddValue, notifications: oddValue });
    default:
      return fc.oneof(
        { weight: 6, arbitrary: fc.constant({}) },
        { weight: 4, arbitrary: record({ cursor: fc.oneof(oddText, spoiled(samples.cursor), forged) }) },
        { weight: 1, arbitrary: oddValue },
      );
  }
}
