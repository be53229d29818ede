/** What every answer and log line must be, whatever was sent. Each check throws with what is wrong. */

/** Text of an exception, of a library's validator, or of our own machine. */
const LEAKS =
  /\n\s+at |\bat [\w.<>]+ \(|node_modules|\.m?[jt]s:\d+|file:\/\/|\b(Zod|Type|Range|Syntax|Reference|Assertion|Aggregate)Error\b|invalid_type|invalid_union|unrecognized_keys|"issues"|"path":\s*\[|Unexpected (token|end of JSON)|JSON at position|Maximum call stack|Cannot (read|destructure|convert)|is not (a function|iterable|defined)|Invalid string length/;

export function checkNoLeak(text: string): void {
  const leak = LEAKS.exec(text);
  if (leak !== null)
    throw new Error(`text of an exception: ${text.slice(Math.max(0, leak.index - 80), leak.index + 200)}`);
}

/** The parsed JSON. */
export function checkJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`no JSON: ${text.slice(0, 200)}`);
  }
}

/** A response of JSON-RPC, or a list of them. */
export function checkRpc(value: unknown): void {
  if (Array.isArray(value)) return value.forEach(checkRpc);
  const message = Object(value) as Record<string, unknown>;
  const fail = (why: string): never => {
    throw new Error(`${why}: ${JSON.stringify(value).slice(0, 300)}`);
  };
  if (message['jsonrpc'] !== '2.0') fail('no JSON-RPC');
  if ('method' in message) return;
  const id = message['id'];
  if (id !== null && typeof id !== 'string' && typeof id !== 'number') fail('no id');
  if ('result' in message === 'error' in message) fail('neither result nor error, or both');
  if (!('error' in message)) return;
  const { code, message: words } = Object(message['error']) as Record<string, unknown>;
  if (!Number.isInteger(code) || typeof words !== 'string' || words === '') fail('no error object');
}

/** A body of `POST /mcp`: JSON-RPC as JSON or as events, or nothing where there is nothing to say. */
export function checkMcpBody(status: number, type: string | null, text: string): void {
  checkNoLeak(text);
  if (text === '' && (status === 202 || status === 204)) return;
  if (type?.startsWith('text/event-stream') === true) {
    const events = text.split('\n\n').filter((event) => event.trim() !== '');
    for (const event of events) {
      const data = event.split('\n').filter((line) => line.startsWith('data:'));
      if (data.length > 0) checkRpc(checkJson(data.map((line) => line.slice('data:'.length)).join('\n')));
    }
    return;
  }
  if (type?.startsWith('application/json') !== true) throw new Error(`content type ${type} for: ${text.slice(0, 200)}`);
  checkRpc(checkJson(text));
}

const LOGGED = new Set(
  'time level service event errorName causeName cause frames keyId clientId tenant tool provider category outcome reference ms status method route requestId traceparent'.split(
    ' ',
  ),
);

/** Only fields of the allow-list; and no failure of our own, which would be a finding too. */
export function checkLog(lines: readonly string[]): void {
  for (const line of lines) {
    const entry = checkJson(line) as Record<string, unknown>;
    const foreign = Object.keys(entry).filter((name) => !LOGGED.has(name));
    if (foreign.length > 0) throw new Error(`logs ${foreign.join(', ')}: ${line.slice(0, 300)}`);
    if (entry['level'] === 'ERROR') throw new Error(`an exception of ours: ${line.slice(0, 1_000)}`);
  }
}

/** Throws after `ms`. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
