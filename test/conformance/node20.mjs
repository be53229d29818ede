/**
 * Lets the suite start on Node 20. It imports `globSync` from `fs`, which Node has since version 22, for a command that
 * is not used here. Loaded with `node --import`; it changes that one import of that one package.
 */
import { register } from 'node:module';

const moduleOf = (source) => `data:text/javascript,${encodeURIComponent(source)}`;

const FS = moduleOf(`
  export * from 'node:fs';
  export { default } from 'node:fs';
  export function globSync() { throw new Error('this command needs Node 22'); }
`);

register(
  moduleOf(`
    const SUITE = '/@modelcontextprotocol/conformance/dist/';
    export function resolve(specifier, context, next) {
      const wanted = specifier === 'fs' && context.parentURL?.includes(SUITE);
      return wanted ? { url: ${JSON.stringify(FS)}, shortCircuit: true } : next(specifier, context);
    }
  `),
);
