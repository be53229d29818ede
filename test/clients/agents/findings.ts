/** What an observation means: a cell of the table, lines to quote, and why the agent does not work where it does not. */
import { refusals } from '../recording-proxy.ts';
import { isNamed } from './fake-model.ts';
import type { Situation } from './agent.ts';
import { DEALS, type Observation } from './situations.ts';

export interface Finding {
  /** For the table. */
  readonly cell: string;
  /** Why the agent does not work here; empty when it does. */
  readonly problems: readonly string[];
}

/** A clause of ours that is long enough not to be found by chance. */
const CLAUSE = 25;

/** Whether a text holds what the server said, or a good part of it: clients shorten and mask. */
export function hasOurWords(text: string, said: readonly string[]): boolean {
  // A text inside a text is escaped.
  const plain = text.replaceAll('\\', '');
  return said
    .flatMap((sentence) => sentence.split(/[.;:,]\s/))
    .some((clause) => clause.length >= CLAUSE && plain.includes(clause));
}

export function findingOf(situation: Situation, seen: Observation): Finding {
  const finding = FINDINGS[situation](seen);
  return seen.code === null
    ? { ...finding, problems: [...finding.problems, 'it did not start, or did not end'] }
    : finding;
}

const FINDINGS: Readonly<Record<Situation, (seen: Observation) => Finding>> = {
  '401': (seen) => refusedFinding(seen, 401),
  '403': (seen) => refusedFinding(seen, 403),
  '429': limitedFinding,
  isError: failedFinding,
  cancel: canceledFinding,
  'after connecting': connectedFinding,
};

function resultsOf({ conversations }: Observation): readonly string[] {
  return conversations.at(-1)?.results ?? [];
}

function refusedFinding(seen: Observation, status: number): Finding {
  const refused = seen.exchanges.some((exchange) => exchange.status === status);
  const served = resultsOf(seen).length > 0;
  const problems = [
    ...(refused ? [] : [`the server did not answer ${status}`]),
    ...(served ? ['it worked with a key that is refused'] : []),
  ];
  return { cell: `person: ${wordsFor(seen)}`, problems };
}

/** What a person reads: our words, the client's own about a refusal, or nothing of it. */
function wordsFor(seen: Observation): string {
  if (hasOurWords(seen.printed, refusals(seen.exchanges))) return 'our words';
  return quotable(seen.printed, []).length > 0 ? 'its own words' : 'nothing';
}

function limitedFinding(seen: Observation): Finding {
  const [result] = resultsOf(seen);
  const said = refusals(seen.exchanges);
  const limited = seen.exchanges.some(({ status }) => status === 429);
  const calls = seen.exchanges.filter(({ rpcMethod }) => rpcMethod === 'tools/call').length;
  const again = calls > 1 ? `, calls ${calls} times` : '';
  const problems = limited ? [] : ['the server did not answer 429'];
  if (result === undefined) return { cell: `the run ends; person: ${wordsFor(seen)}${again}`, problems };
  return { cell: `model: ${hasOurWords(result, said) ? 'our words' : 'its own words'}${again}`, problems };
}

function failedFinding(seen: Observation): Finding {
  const [result] = resultsOf(seen);
  const said = ['There is no provider of that key.', 'Use list_providers to see what there is.'];
  if (result === undefined) return { cell: 'the run ends', problems: ['its model was shown no result'] };
  const ours = said.every((words) => hasOurWords(result, [words]));
  return {
    cell: `model: ${ours ? 'our words' : 'its own words'}`,
    problems: ours ? [] : [`its model was not shown what went wrong: ${result}`],
  };
}

/** The answers a person gave to questions, as the client sent them. */
function answersOf({ exchanges }: Observation): readonly string[] {
  return exchanges.flatMap(({ request }) => {
    const { params } = Object(request) as { params?: unknown };
    const { inputResponses } = Object(params) as { inputResponses?: unknown };
    return Object.values(Object(inputResponses) as Record<string, unknown>).map((given) => {
      const { action } = Object(given) as { action?: unknown };
      return String(action);
    });
  });
}

function canceledFinding(seen: Observation): Finding {
  const [link, , deletion] = resultsOf(seen);
  const answers = answersOf(seen);
  const asked = answers.length === 0 ? 'not asked' : `asked, answers ${[...new Set(answers)].join(', ')}`;
  const problems = [
    ...(link !== undefined && /action_required/.test(link) ? [] : ['connect_provider gave no link']),
    ...(deletion !== undefined && /confirm/.test(deletion) ? [] : ['a deletion asked for no confirmation']),
  ];
  return { cell: `${asked}; model: ${statusOf(link)}, then ${statusOf(deletion)}`, problems };
}

/** What a result tells the model, in a word or two. */
function statusOf(result = ''): string {
  if (result.includes('action_required')) return 'link and code';
  if (result.includes('confirm_token')) return 'a confirm_token';
  if (result.includes('declined')) return 'declined';
  return 'its own words';
}

function connectedFinding(seen: Observation): Finding {
  const [connected = '', called = '', direct = ''] = resultsOf(seen);
  const lists = seen.conversations.at(-1)?.tools.some((tool) => isNamed(tool, DEALS)) === true;
  const runs = hasRows(called);
  const problems = [
    ...(/\bconnected\b/.test(connected) ? [] : [`connecting failed: ${connected}`]),
    ...(runs ? [] : [`call_tool did not run a tool of the provider: ${called}`]),
    ...(lists === hasRows(direct) ? [] : [`a tool that is ${lists ? '' : 'not '}listed ran otherwise: ${direct}`]),
  ];
  return {
    cell: `${lists ? 'lists again' : 'does not list again'}; \`call_tool\` ${runs ? 'runs' : 'does not run'}`,
    problems,
  };
}

function hasRows(result: string): boolean {
  return result.replaceAll('\\', '').includes('"items":[{');
}

/** Lines about a refusal, without stacks and what the client prints whether there is one or not. */
const ABOUT = /\b(40[13]|429|auth\w*|mcp\w*|allmcp|error\w*|fail\w*|denied|forbidden|limit\w*)\b/i;
const NOISE =
  /^\s*(at |throw |\^|file:|node:|Node\.js|const |if \(|\[?Symbol|[a-z_]+: [[{'\d])|^mcp: |[[{(]$|Checking MCP|Configured MCP|YOLO|metadata|helper binaries|bubblewrap|Session ID not|workdir:|[✔✓]|error=|Using (transport|custom|callback)|Discovering|Connecting to/;
/** What differs from run to run at the start of a line: times and process numbers. */
const STAMP = /^(\[\d+\] |\d\d:\d\d:\d\d |\d{4}-\d\d-\d\dT[\d:.]+Z )+/;
const QUOTE_LENGTH = 320;
const QUOTED_LINES = 2;

/** What a person reads about a refusal: the shortest line with our words, else the first lines of the client's own. */
export function quotable(printed: string, said: readonly string[]): readonly string[] {
  const lines = printed.split('\n').map((line) => line.trim().replace(STAMP, ''));
  const ours = lines.filter((line) => hasOurWords(line, said)).toSorted((a, b) => a.length - b.length);
  const own = lines.filter((line) => ABOUT.test(line) && !NOISE.test(line));
  return ours.length > 0 ? ours.slice(0, 1).map((line) => cut(line, said)) : [...new Set(own)].slice(0, QUOTED_LINES);
}

/** A long line around our words. */
function cut(line: string, said: readonly string[]): string {
  if (line.length <= QUOTE_LENGTH) return line;
  const at = Math.max(...said.map((words) => line.indexOf(words.slice(0, CLAUSE))), 0);
  const start = Math.max(0, Math.min(at - QUOTE_LENGTH / 4, line.length - QUOTE_LENGTH));
  const end = Math.min(line.length, start + QUOTE_LENGTH);
  return `${start > 0 ? '…' : ''}${line.slice(start, end)}${end < line.length ? '…' : ''}`;
}
