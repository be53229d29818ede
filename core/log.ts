/**
 * One JSON line per event, built from an allow-list of fields: what is not named here cannot be logged, so no
 * credential, argument, result or raw URL can. An error is logged by its class name and a place in our own code,
 * never by its message: messages of libraries quote what they were given.
 */
import { createHash } from 'node:crypto';
import { cutText } from './text.ts';
import type { FailureCause } from './failure-cause.ts';
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
  readonly cause?: FailureCause | undefined;
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
      if (fields.cause !== undefined) record['cause'] = describeCause(fields.cause);
      if (fields.error !== undefined) Object.assign(record, describeError(fields.error));
      options.write(JSON.stringify(record));
    };
  return { info: line('INFO'), warn: line('WARN'), error: line('ERROR') };
}

/** Three of these, one after the other, fit between a provider's deadline and Lambda's. A write takes some ten ms. */
const PATIENCE_MS = 600;

/**
 * The one door for what is written down about something that has happened already: it cannot change that. A failure is
 * logged; what takes longer than 0.6 s goes on without being waited for.
 * @returns undefined too when it failed or is not done.
 */
export async function regardless<T>(log: Log, event: string, act: () => Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      log.warn(event, { outcome: 'not waited for' });
      resolve(undefined);
    }, PATIENCE_MS);
  });
  const done = (async () => act())().catch((error: unknown) => {
    log.error(event, { error });
    return undefined;
  });
  try {
    return await Promise.race([done, patience]);
  } finally {
    clearTimeout(timer);
  }
}

/** Joins the lines of one tenant without showing its ids. */
export function tenantMark(tenant: string): string {
  return createHash('sha256').update(tenant).digest('hex').slice(0, 16);
}

function describeCause({ host, status, vendorCode, broke }: FailureCause): object {
  return { host: host.slice(0, MAX_TEXT), status, vendor_code: vendorCode, broke };
}

/** The class and the frames of an error. The stack's first lines hold the message, so only frames are kept. */
function describeError(error: unknown): { errorName: string; causeName?: string; frames?: readonly string[] } {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((text) => /^\s+at /.test(text))
    .slice(0, 5)
    .map((text) => text.trim().replace(/\(?(?:file:\/\/)?\/\S*\//, '('));
  const cause = error.cause instanceof Error ? { causeName: nameOf(error.cause) } : {};
  return { errorName: nameOf(error), ...cause, frames };
}

function nameOf({ name }: Error): string {
  return /^[A-Za-z0-9_$.]{1,80}$/.test(name) ? name : 'Error';
}
