/**
 * One JSON body for every answer that holds nothing but results, whatever the older leg of the protocol would stream. Where
 * something does come before the result, such as progress, the answer is a stream that simple parsers can read too: a
 * message per event, no comments, and no character that some of them take for the end of a line.
 */

const STREAM = 'text/event-stream';
const END = '\n\n';
/** Ends of lines for Python's `splitlines` and for JavaScript's older grammar; JSON may write them as escapes. */
const LINE_ENDS = /[\u0085\u2028\u2029]/g;

/** @param request.accept the header as the client sent it; a client that takes no stream is told no progress. */
export async function plainResponse(
  response: Response,
  { accept, isBatch }: { readonly accept: string | null; readonly isBatch: boolean },
): Promise<Response> {
  if (response.body === null || response.headers.get('content-type')?.startsWith(STREAM) !== true) return response;
  const reader = response.body.getReader();
  const messages = messagesOf(reader);
  const stream = (first: readonly string[]): Response => streamed(response, first, { reader, messages });
  const takesStream = acceptsStream(accept);
  const results: string[] = [];
  for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
    if (!isAside(next.value)) results.push(next.value);
    else if (takesStream) return stream([...results, next.value]);
  }
  const [only] = results;
  if (only === undefined) return stream([]);
  const body = isBatch ? `[${results.join(',')}]` : only;
  return new Response(body, { status: response.status, headers: { 'content-type': 'application/json' } });
}

/** The JSON texts of a stream of events, one by one. */
async function* messagesOf(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const events = (rest + decoder.decode(read.value, { stream: true })).split(END);
    rest = events.pop() ?? '';
    yield* events.flatMap(dataOf);
  }
}

/** Nothing of an event that only keeps the connection open. */
function dataOf(event: string): readonly string[] {
  const data = event.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trim()] : []));
  return data.join('') === '' ? [] : [data.join('')];
}

/** Whether a message is none of the results: the server tells or asks something. */
function isAside(message: string): boolean {
  return Object.hasOwn(Object(JSON.parse(message)) as object, 'method');
}

function streamed(
  { status, headers }: Response,
  first: readonly string[],
  rest: {
    readonly reader: ReadableStreamDefaultReader<Uint8Array>;
    readonly messages: AsyncGenerator<string, void>;
  },
): Response {
  const encoder = new TextEncoder();
  const eventOf = (message: string): Uint8Array => {
    const line = message.replaceAll(LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
    return encoder.encode(`event: message\ndata: ${line}${END}`);
  };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => first.forEach((message) => controller.enqueue(eventOf(message))),
    async pull(controller) {
      const next = await rest.messages.next();
      if (next.done === true) controller.close();
      else controller.enqueue(eventOf(next.value));
    },
    // A client that has gone ends the exchange.
    cancel: (reason) => rest.reader.cancel(reason),
  });
  return new Response(body, { status, headers });
}

/** A client that says nothing takes what comes. */
function acceptsStream(accept: string | null): boolean {
  if (accept === null || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return [STREAM, 'text/*', '*/*'].includes(type) && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}
