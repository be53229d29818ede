/** Every promise that somebody tries to break here. A mutation whose words are gone from the code is wrong, not passed over. */
import { DEPLOYMENT_MUTATIONS } from './deployment-mutations.ts';
import { IDENTITY_MUTATIONS } from './identity-mutations.ts';
import { ISOLATION_MUTATIONS } from './isolation-mutations.ts';
import type { Mutation } from './mutation.ts';
import { SECRET_MUTATIONS } from './secret-mutations.ts';

export const MUTATIONS: readonly Mutation[] = [
  ...IDENTITY_MUTATIONS,
  ...ISOLATION_MUTATIONS,
  ...SECRET_MUTATIONS,
  ...DEPLOYMENT_MUTATIONS,
];

/** Throws unless the words to replace stand once. */
export function mutated(source: string, { file, find, replace }: Mutation): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${file} holds ${more.length > 0 ? 'more than once' : 'no longer'}: ${find}`);
  return before + replace + after;
}
