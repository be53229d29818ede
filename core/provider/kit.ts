/** What a provider is written with: the one module that it imports besides zod, and the only one that exports again. */
export { at, pick, textAt, type JsonObject, type JsonValue } from '../json.ts';
export { plainLine } from '../text.ts';
export type { OAuth2Auth, StaticAuth, TokenExchangeAuth } from './auth.ts';
export { bounded, day, id, instant, line } from './inputs.ts';
export { defineProvider, type ErrorRule, type ProviderResponse } from './provider.ts';
export { get, path, post, type PathTemplate, type ToolRequest } from './request.ts';
export { byQuery, item, list } from './shapes.ts';
export { defineTool, offsetInBody, type Category, type Paging, type Shape, type Verification } from './tool.ts';
