/** The functions that are deployed: `lambda/<name>/handler.ts` becomes `dist/lambda/<name>/index.mjs`. */
export const FUNCTIONS = ['authorizer', 'mcp', 'connect', 'admin', 'bootstrap', 'events', 'tenant-keys'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Folders whose code must never reach a deployed function. */
const NOT_DEPLOYED = /^(bin|cli|emulator|lib|local|test)\//;

/** The inputs of a bundle, as paths from the project's folder, that are not for deployment. */
export function strayInputs(inputs: readonly string[]): readonly string[] {
  return inputs.filter((input) => NOT_DEPLOYED.test(input));
}
