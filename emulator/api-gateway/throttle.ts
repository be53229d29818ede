/** The stage's token bucket, from its method settings. */
import type { MethodSetting } from '../cloudformation/api-model.ts';

/** Takes one request; false when the bucket is empty. */
export type Throttle = () => boolean;

export function createThrottle(settings: readonly MethodSetting[], clock: () => number): Throttle {
  const setting = settings.find(({ HttpMethod, ResourcePath }) => HttpMethod === '*' && ResourcePath === '/*');
  const perSecond = setting?.ThrottlingRateLimit;
  const burst = setting?.ThrottlingBurstLimit;
  if (perSecond === undefined || burst === undefined) return () => true;
  let tokens = burst;
  let at = clock();
  return () => {
    const now = clock();
    tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
