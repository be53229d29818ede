/** The command line of `npm start`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FAULT_KINDS, FAULT_SERVICES, type PlannedFault } from '../emulator/faults.ts';

export interface Options {
  readonly port: number;
  readonly data: string;
  readonly routes: Readonly<Record<string, string>>;
  readonly dynamodbEndpoint: URL | undefined;
  /** A cloud assembly to serve as it is, instead of one made from the sources. */
  readonly assembly: string | undefined;
  /** Print the AWS calls of every request. */
  readonly traceAws: boolean;
  /** AWS calls that fail on purpose. */
  readonly faults: readonly PlannedFault[];
  /** Stop functions between calls, as Lambda does. */
  readonly freeze: boolean;
  /** Serve the MCP function with the conformance suite's fixtures. */
  readonly conformance: boolean;
}

/** Below the project; the command line of operators looks there too. */
export const DEFAULT_DATA = '.allmcp';

/** Wrong usage: printed with the usage text, exit code 2. */
export class UsageError extends Error {}

export const USAGE = `npm start -- [options]     runs AllMCP on this machine

  --port N                 port on 127.0.0.1 (default: $PORT or 8787; 0 takes any free one)
  --data DIR               data folder (default: $ALLMCP_DATA or .allmcp)
  --route HOST=http://127.0.0.1:PORT
                           sends requests for a vendor's host to a loopback fake; repeatable
  --trace-aws              prints which AWS calls were made, once a second
  --fault SERVICE:Operation:KIND[@N]
                           fails calls of AWS on purpose, e.g. dynamodb:UpdateItem:throttle@3, the third of them with
                           all its tries; without @N every one, * for any operation; KIND is throttle (limited), down
                           (503), slow (done, answered too late) or cut (done, no answer); repeatable
  --freeze                 stops functions between calls, as Lambda does
  --conformance            adds the fixtures of the MCP conformance suite (npm run conformance)
  --help                   prints this

Environment: PORT, ALLMCP_DATA, ALLMCP_DDB_ENDPOINT (a DynamoDB-compatible endpoint to use instead of the built-in
tables), ALLMCP_ASSEMBLY (a synthesized folder to serve as it is, without building), LAMBDA_NODE (another Node binary to
run the functions with).
`;

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** `'help'` when the usage text was asked for. Throws UsageError. */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Options | 'help' {
  const values = parse(args);
  if (values.help === true) return 'help';
  return {
    port: port(values.port ?? nonEmpty(env['PORT']) ?? '8787'),
    data: resolve(cwd, nonEmpty(values.data) ?? nonEmpty(env['ALLMCP_DATA']) ?? DEFAULT_DATA),
    routes: Object.fromEntries((values.route ?? []).map(route)),
    dynamodbEndpoint: endpoint(nonEmpty(env['ALLMCP_DDB_ENDPOINT'])),
    assembly: env['ALLMCP_ASSEMBLY'] === undefined ? undefined : resolve(cwd, env['ALLMCP_ASSEMBLY']),
    traceAws: values['trace-aws'] === true,
    faults: (values.fault ?? []).map(fault),
    freeze: values.freeze === true,
    conformance: values.conformance === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        route: { type: 'string', multiple: true },
        'trace-aws': { type: 'boolean' },
        fault: { type: 'string', multiple: true },
        freeze: { type: 'boolean' },
        conformance: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new UsageError(`The port ${text} is not a number from 0 to 65535.`);
  return value;
}

function route(text: string): [string, string] {
  const [host = '', target = ''] = text.split(/=(.*)/s);
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(host))
    throw new UsageError(`The route ${text} does not begin with a host name: --route HOST=http://127.0.0.1:PORT`);
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (
    url?.protocol !== 'http:' ||
    !LOOPBACK.has(url.hostname) ||
    url.port === '' ||
    url.pathname !== '/' ||
    url.search !== ''
  )
    throw new UsageError(`The route ${text} does not end in a loopback address: --route HOST=http://127.0.0.1:PORT`);
  return [host.toLowerCase(), url.origin];
}

const FAULT = /^([a-z]+):([A-Z][A-Za-z]+|\*):([a-z]+)(?:@([1-9]\d{0,5}))?$/;

function fault(text: string): PlannedFault {
  const [, service, operation = '', kind, nth] = FAULT.exec(text) ?? [];
  const knownService = FAULT_SERVICES.find((one) => one === service);
  const knownKind = FAULT_KINDS.find((one) => one === kind);
  if (knownService === undefined || knownKind === undefined)
    throw new UsageError(
      `The fault ${text} is not SERVICE:Operation:KIND[@N] with SERVICE one of ${FAULT_SERVICES.join(', ')} and KIND one of ${FAULT_KINDS.join(', ')}, e.g. dynamodb:UpdateItem:throttle@3.`,
    );
  return { service: knownService, operation, kind: knownKind, nth: nth === undefined ? undefined : Number(nth) };
}

function endpoint(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageError('ALLMCP_DDB_ENDPOINT is not a web address; set it to something like http://127.0.0.1:8000.');
  return new URL(text);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
