/**
 * Tools and a prompt that ask in the middle of a call. They use the product's own round trip, so that the suite
 * tries its sealed state and its refusals, not those of a fixture.
 */
import { inputRequired, inputResponse, type InputRequest, type InputRequests } from '@modelcontextprotocol/server';
import type { Call, PromptFixture, ToolFixture } from './fixture.ts';
import { prompt, text, tool } from './fixture.ts';

type Kind = 'elicit' | 'sampling' | 'roots';

function form(message: string, field: string): InputRequest {
  return inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [field]: { type: 'string' } }, required: [field] },
  });
}

function sample(question: string, maxTokens = 100): InputRequest {
  return inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: question } }],
    maxTokens,
  });
}

const NAME = form('What is your name?', 'name');
const CONFIRM = inputRequired.elicit({
  message: 'Please confirm',
  requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
});

/** The content of the form, or the answer as it came; undefined when it is missing or of another kind. */
function answerTo({ roundTrip }: Call, key: string, kind: Kind): unknown {
  const view = inputResponse(roundTrip.responses, key);
  if (view.kind !== kind) return undefined;
  return view.kind === 'elicit' ? view.content : roundTrip.responses[key];
}

/** Asks until every request has its answer, then says what was answered. */
function asks(name: string, requests: InputRequests, kinds: Readonly<Record<string, Kind>>) {
  return tool(name, async (call) => {
    const answers = Object.entries(kinds).map(([key, kind]) => [key, answerTo(call, key, kind)] as const);
    if (answers.some(([, answer]) => answer === undefined)) return call.roundTrip.ask(requests, { asked: name });
    return text(JSON.stringify(Object.fromEntries(answers)));
  });
}

/** Asks once more when the answer comes without the state of its question. */
function asksWithState(name: string) {
  return tool(name, async (call) => {
    const asked = (Object(call.roundTrip.state) as { asked?: unknown }).asked === name;
    const answer = answerTo(call, 'confirm', 'elicit');
    return asked && answer !== undefined ? text('state-ok') : call.roundTrip.ask({ confirm: CONFIRM }, { asked: name });
  });
}

/** One question after the other; the state carries what was answered so far. */
const multiRound = tool('test_input_required_result_multi_round', async (call) => {
  const known = Object(call.roundTrip.state) as { name?: unknown };
  const color = answerTo(call, 'step2', 'elicit');
  if (known.name !== undefined && color !== undefined) return text(JSON.stringify({ name: known.name, color }));
  const name = known.name ?? answerTo(call, 'step1', 'elicit');
  return name === undefined
    ? call.roundTrip.ask({ step1: form('Step 1: What is your name?', 'name') }, {})
    : call.roundTrip.ask({ step2: form('Step 2: What is your favorite color?', 'color') }, { name });
});

/** Asks only in ways that the client declares. */
const whatTheClientCan = tool('test_input_required_result_capabilities', async (call) =>
  call.roundTrip.ask(call.roundTrip.canAskByForm ? { name: NAME } : { greeting: sample('Generate a greeting') }, {}),
);

/** Before 2026-07-28 a server asks over a session's own stream, which this endpoint does not keep. */
const NEEDS_A_SESSION = [
  'test_sampling',
  'test_elicitation',
  'test_elicitation_sep1034_defaults',
  'test_elicitation_sep1330_enums',
].map((name) =>
  tool(name, async () => ({ ...text('The client cannot be asked without a session.'), isError: true }), {
    type: 'object',
  }),
);

export const ASKING_TOOLS: readonly (readonly [string, ToolFixture])[] = [
  asks('test_input_required_result_elicitation', { user_name: NAME }, { user_name: 'elicit' }),
  asks(
    'test_input_required_result_sampling',
    { capital_question: sample('What is the capital of France?') },
    { capital_question: 'sampling' },
  ),
  asks('test_input_required_result_list_roots', { client_roots: inputRequired.listRoots() }, { client_roots: 'roots' }),
  asks(
    'test_input_required_result_multiple_inputs',
    { user_name: NAME, greeting: sample('Generate a greeting', 50), client_roots: inputRequired.listRoots() },
    { user_name: 'elicit', greeting: 'sampling', client_roots: 'roots' },
  ),
  asksWithState('test_input_required_result_request_state'),
  asksWithState('test_input_required_result_tampered_state'),
  multiRound,
  whatTheClientCan,
  asks('test_streaming_elicitation', { confirm: CONFIRM }, { confirm: 'elicit' }),
  asks('test_missing_capability', { greeting: sample('Generate a greeting') }, { greeting: 'sampling' }),
  ...NEEDS_A_SESSION,
];

export const ASKING_PROMPTS: readonly (readonly [string, PromptFixture])[] = [
  prompt('test_input_required_result_prompt', async (call) => {
    const answer = answerTo(call, 'user_context', 'elicit');
    if (answer === undefined)
      return call.roundTrip.ask({ user_context: form('What context should the prompt use?', 'context') }, {});
    return { messages: [{ role: 'user', content: { type: 'text', text: JSON.stringify(answer) } }] };
  }),
];
