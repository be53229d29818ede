/** A log for tests that look at no line of it. */
import type { Log } from '../../core/log.ts';

export const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
