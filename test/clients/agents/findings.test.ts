import { describe, expect, it } from '@jest/globals';
import type { Exchange } from '../recording-proxy.ts';
import { findingOf, hasOurWords, quotable } from './findings.ts';
import type { Observation } from './situations.ts';

const SENTENCE = 'This key is limited to 30 requests per minute. Try again in 9 seconds, or ask for a higher limit.';
const CONNECTED = '{"status":"connected","provider_key":"bitrix24"}';
const ROWS = '{"items":[{"id":1}]}';

function exchange(rpcMethod: string, status: number, message?: string, request?: unknown): Exchange {
  const answer = message === undefined ? {} : { error: { message } };
  return { httpMethod: 'POST', path: '/mcp', rpcMethod, request, revision: undefined, status, answer };
}

function seen(
  results: readonly string[],
  { tools = ['call_tool'], ...rest }: Partial<Observation & { tools: string[] }>,
) {
  const conversation = { tools: tools.map((name) => ({ name })), results, whole: '' };
  return { code: 0, printed: '', exchanges: [], conversations: [conversation], ...rest };
}

describe('what is found of an agent', () => {
  it('is red when its model is not shown why a tool failed', () => {
    const shown = seen(['There is no provider of that key. Use list_providers to see what there is.'], {});
    expect(findingOf('isError', shown)).toEqual({ cell: 'model: our words', problems: [] });
    expect(findingOf('isError', seen(['The tool failed.'], {})).problems).not.toEqual([]);
    expect(findingOf('isError', seen([], {})).problems).not.toEqual([]);
  });

  it('is red when call_tool does not run a tool after connecting', () => {
    const works = findingOf('after connecting', seen([CONNECTED, ROWS, 'No such tool'], {}));
    expect(works).toEqual({ cell: 'does not list again; `call_tool` runs', problems: [] });
    expect(findingOf('after connecting', seen([CONNECTED, 'refused', 'No such tool'], {})).problems).toHaveLength(1);
  });

  it('says that an agent lists again only when its model was offered the tools of the provider', () => {
    const lists = seen([CONNECTED, ROWS, ROWS], { tools: ['mcp__allmcp__bitrix24_list_deals'] });
    expect(findingOf('after connecting', lists)).toEqual({ cell: 'lists again; `call_tool` runs', problems: [] });
  });

  it('is red when an agent works with a key that is refused, or was never refused', () => {
    const refused = { exchanges: [exchange('initialize', 401, SENTENCE)], printed: `Error: ${SENTENCE}` };
    expect(findingOf('401', seen([], refused))).toEqual({ cell: 'person: our words', problems: [] });
    expect(findingOf('401', seen(['rows'], refused)).problems).toHaveLength(1);
    expect(findingOf('401', seen([], {})).problems).toHaveLength(1);
  });

  it('is red when an agent does not end', () => {
    const exchanges = [exchange('tools/call', 429, SENTENCE)];
    expect(findingOf('429', seen([SENTENCE], { exchanges })).problems).toEqual([]);
    expect(findingOf('429', seen([SENTENCE], { exchanges, code: null })).problems).toEqual([
      'it did not start, or did not end',
    ]);
  });

  it('tells a person who closed a question from one who was not asked', () => {
    const results = ['{"status":"action_required"}', CONNECTED, '{"confirm_token":"x"}'];
    const request = { params: { inputResponses: { connect: { action: 'cancel' } } } };
    expect(findingOf('cancel', seen(results, {})).cell).toBe('not asked; model: link and code, then a confirm_token');
    const asked = seen(results, { exchanges: [exchange('tools/call', 200, undefined, request)] });
    expect(findingOf('cancel', asked).cell).toMatch(/^asked, answers cancel;/);
  });

  it('finds our words where they are shortened, masked or escaped, and not where they are missing', () => {
    expect(hasOurWords('HTTP 429: {\\"message\\":\\"This key is limited to 30 requests per minute', [SENTENCE])).toBe(
      true,
    );
    expect(hasOurWords('Try again in 9 seconds', [SENTENCE])).toBe(false);
    expect(hasOurWords('', [SENTENCE])).toBe(false);
  });

  it('quotes our words alone where there are any, else the lines of the agent about a refusal', () => {
    expect(quotable(`12:00:01 Error: ${SENTENCE}\n    at mcp.connect\nmcp failed`, [SENTENCE])).toEqual([
      `Error: ${SENTENCE}`,
    ]);
    expect(quotable('hello\n[12] mcp failed\n    at mcp.connect', [])).toEqual(['mcp failed']);
  });
});
