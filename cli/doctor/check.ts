/** What a check of `doctor` finds. `fail` is what stops a command from working, `warn` what may surprise later. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** What to do now; always set unless the status is ok. */
  readonly next: string | null;
}

export function passed(check: string, message: string): Finding {
  return { check, status: 'ok', message, next: null };
}

export function warn(check: string, message: string, next: string): Finding {
  return { check, status: 'warn', message, next };
}

export function failed(check: string, message: string, next: string): Finding {
  return { check, status: 'fail', message, next };
}
