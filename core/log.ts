/**
 * One JSON line per event, built from an allow-list of fields: what is not named here cannot be logged, so no
 * credential, argument, result or raw URL can. An error is logged by its class name and a place in our own code,
 * never by its message: messages of libraries quote what they were given.
 */
import { createHash } from 'node:crypto';
import { cutText } from './text.ts';
import type { Clock } from './time.ts';

export interface LogFields {
  readonly keyId?: string | undefined;
  readonly tenantKeyId?: string | undefined;
  readonly clientId?: string | undefined;
  /** Made by `tenantMark`. */
  readonly tenant?: string | undefined;
  readonly tool?: string | undefined;
  readonly provider?: string | undefined;
  readonly category?: string | undefined;
  readonly outcome?: string | undefined;
  readonly reference?: string | undefined;
  readonly ms?: number | undefined;
  readonly status?: number | undefined;
  readonly method?: string | undefined;
  /** A path template, values left out. */
  readonly route?: string | undefined;
  readonly requestId?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly error?: unknown;
}

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const ALLOWED = [
  'keyId',
  'tenantKeyId',
  'clientId',
  'tenant',
  'tool',
  'provider',
  'category',
  'outcome',
  'reference',
  'ms',
  'status',
  'method',
  'route',
  'requestId',
  'traceparent',
] as const;
const MAX_TEXT = 200;

export function createLog(options: {
  readonly service: string;
  readonly write: (line: string) => void;
  readonly clock: Clock;
}): Log {
  const line =
    (level: 'INFO' | 'WARN' | 'ERROR') =>
    (event: string, fields: LogFields = {}): void => {
      const record: Record<string, unknown> = {
        time: new Date(options.clock()).toISOString(),
        level,
        service: options.service,
        event,
      };
      for (const name of ALLOWED) {
        const value = fields[name];
        if (value !== undefined) record[name] = typeof value === 'string' ? cutText(value, MAX_TEXT) : value;
      }
      if (fields.error !== undefined) Object.assign(record, describeError(fields.error));
      options.write(JSON.stringify(record));
    };
  return { info: line('INFO'), warn: line('WARN'), error: line('ERROR') };
}

/** Does what nothing else may depend on: when it fails, that is logged and changes nothing. */
export async function regardless(log: Log, event: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    log.error(event, { error });
  }
}

/** Joins the lines of one tenant without showing its ids. */
export function tenantMark(tenant: string): string {
  return createHash('sha256').update(tenant).digest('hex').slice(0, 16);
}

/** The class and the frames of an error. The stack's first lines hold the message, so only frames are kept. */
function describeError(error: unknown): { errorName: string; frames?: readonly string[] } {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((text) => /^\s+at /.test(text))
    .slice(0, 5)
    .map((text) => text.trim().replace(/\(?(?:file:\/\/)?\/\S*\//, '('));
  return { errorName: /^[A-Za-z0-9_$.]{1,80}$/.test(error.name) ? error.name : 'Error', frames };
}
