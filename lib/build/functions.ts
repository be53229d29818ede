/** The functions that are deployed: `lambda/<name>/handler.ts` becomes `dist/lambda/<name>/index.mjs`. */
export const FUNCTIONS = ['authorizer', 'mcp', 'admin', 'bootstrap'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
