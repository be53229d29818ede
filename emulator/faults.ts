/**
 * Failures of AWS on purpose, so that what they do to an answer can be repeated on a laptop: a call of a service is
 * refused, not reached, answered late, or done without an answer. Nothing fails before `arm`.
 */
export const FAULT_KINDS = ['throttle', 'slow', 'down', 'cut'] as const;
/**
 * `throttle`: not done, and the service says that it limits. `down`: not done, 503. `slow`: done, and answered when nobody
 * waits any more. `cut`: done, and the connection breaks instead of an answer.
 */
export type FaultKind = (typeof FAULT_KINDS)[number];

export const FAULT_SERVICES = ['dynamodb', 'kms', 'sts'] as const;

export interface PlannedFault {
  readonly service: (typeof FAULT_SERVICES)[number];
  /** As AWS names it, e.g. `UpdateItem`; `*` for all of the service. */
  readonly operation: string;
  readonly kind: FaultKind;
  /** Only the one of this number, counted from 1 when the faults are armed; every one when left out. */
  readonly nth?: number | undefined;
}

export interface AwsRequestMade {
  readonly service: string;
  readonly operation: string;
  /** Of the SDK: the same for all tries of one call, so that a call fails with all its tries or with none. */
  readonly invocation: string | undefined;
}

export interface Faults {
  /** From now on calls are counted and fail. */
  readonly arm: () => void;
  /** How this request is to fail, if it is. */
  readonly of: (request: AwsRequestMade) => FaultKind | undefined;
}

/** Longer than any client here waits for an answer. */
export const SLOW_MS = 8_000;
const REMEMBERED = 1_000;

export const NO_FAULTS: Faults = { arm: () => undefined, of: () => undefined };

export function createFaults(planned: readonly PlannedFault[]): Faults {
  const counts = planned.map(() => 0);
  const decided = new Map<string, FaultKind | undefined>();
  let isArmed = false;

  function decide({ service, operation }: AwsRequestMade): FaultKind | undefined {
    let kind: FaultKind | undefined;
    for (const [i, fault] of planned.entries()) {
      if (fault.service !== service || (fault.operation !== '*' && fault.operation !== operation)) continue;
      const count = (counts[i] ?? 0) + 1;
      counts[i] = count;
      if (fault.nth === undefined || fault.nth === count) kind ??= fault.kind;
    }
    return kind;
  }

  return {
    arm: () => void (isArmed = true),
    of(request) {
      if (!isArmed) return undefined;
      const { invocation } = request;
      if (invocation === undefined) return decide(request);
      if (!decided.has(invocation)) {
        decided.set(invocation, decide(request));
        const [oldest] = decided.keys();
        if (decided.size > REMEMBERED && oldest !== undefined) decided.delete(oldest);
      }
      return decided.get(invocation);
    },
  };
}
