/** Our own store, key service or sign-in service is limiting or down: nobody's mistake, and it passes by itself. */
import type { FailureCause } from './failure-cause.ts';
import { fault, type Fault } from './fault.ts';

export type OwnService = 'store' | 'key service' | 'sign-in service';

/** Seconds after which trying again is worth it. AWS's limits work by the second; a longer outage answers the same again. */
export const OUTAGE_RETRY_SECONDS = 5;

export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly service: OwnService;

  /** @param options.cause stays in here; its text may quote what was stored. */
  constructor(service: OwnService, options?: ErrorOptions) {
    super(`the ${service} is limiting or down`, options);
    this.service = service;
  }
}

/** How a request ends that could not be served; what had happened at a provider by then is not told by this. */
export function outageFault({ service }: Unavailable): Fault {
  return fault('unavailable', `The ${service} of this endpoint is limiting or down right now.`, {
    retry_after: OUTAGE_RETRY_SECONDS,
  });
}

/** For the log and for operators: which service, and what it calls the reason. */
export function outageCause({ service, cause }: Unavailable): FailureCause {
  return { host: service, vendorCode: cause instanceof Error ? cause.name : undefined };
}
