/** What a provider's tool is. A tool has no I/O: it turns arguments into a request and an answer into a result. */
import type * as z from 'zod';
import type { JsonObject } from '../json.ts';
import type { ToolRequest } from './request.ts';

export type Access = 'read' | 'write' | 'destructive';
/** What a tool does to the world outside the provider's own data. */
export type Exposure = 'sends_message' | 'spends_money' | 'dials_phone' | 'shares_access';

/** How the next page is asked for. The state travels in an opaque cursor. */
export interface Paging {
  /** The request for the page that `state` names; the first page is asked for without. */
  readonly ask: (request: ToolRequest, state: JsonObject) => ToolRequest;
  /** The state of the next page, or undefined on the last one. */
  readonly next: (body: unknown, asked: JsonObject | undefined) => JsonObject | undefined;
  /** How many rows there are in all, where the provider says so. */
  readonly total?: (body: unknown) => number | undefined;
}

/** What the answer becomes: rows with an optional cursor, or one object. */
export type Shape =
  | {
      readonly kind: 'list';
      readonly rows: (body: unknown) => unknown;
      readonly row: (row: unknown) => JsonObject;
      readonly paging?: Paging;
      readonly sift?: Sift;
    }
  | {
      readonly kind: 'item';
      /** Null: the answer says that there is none. Undefined: the answer is not one of those this tool knows. */
      readonly item: (body: unknown) => JsonObject | null | undefined;
      readonly rest?: Rest;
    };

/** Narrows a list here that the provider gives as a whole and takes no filter for. */
export interface Sift {
  /** The arguments that it goes by; they make what is read no smaller. */
  readonly by: readonly string[];
  /** @param args as the tool's input gives them. @param row as the result shows it. */
  readonly keeps: (args: Readonly<Record<string, unknown>>, row: JsonObject) => boolean;
}

/**
 * How to ask for the rows of an item's list that did not fit, as a part of a sentence; undefined where this tool cannot.
 * @param shown how many rows of it were shown.
 */
export type Rest = (item: JsonObject, list: string, shown: number) => string | undefined;

/** How a write is read back: the tool that reads, its arguments, and what each field of its item must then be. */
export interface Verification {
  readonly tool: string;
  readonly args: JsonObject;
  readonly expect: JsonObject;
}

export interface Tool<Input = never> {
  /** Without the provider's prefix. */
  readonly name: string;
  readonly title: string;
  /** For the model, under 700 characters. */
  readonly description: string;
  readonly access: Access;
  /** True when doing it twice leaves what doing it once leaves. Reads always are. */
  readonly idempotent?: boolean;
  readonly exposure?: readonly Exposure[];
  readonly input: z.ZodType<Input>;
  readonly request: (args: Input) => ToolRequest;
  readonly shape: Shape;
  /** For writes the provider may ignore silently; undefined when these arguments leave nothing to check. */
  readonly verify?: (args: Input, item: JsonObject) => Verification | undefined;
}

/** A tool whose argument type no longer matters: the engine has validated the arguments by `input`. */
export type AnyTool = Tool<unknown>;

export interface Category {
  readonly title: string;
  readonly purpose: string;
  /** Core categories are listed as soon as the provider is connected. */
  readonly core: boolean;
  readonly tools: readonly AnyTool[];
}

/** Checks a tool's functions against its input schema, then forgets the type. */
export function defineTool<Input>(tool: Tool<Input>): AnyTool {
  return tool as unknown as AnyTool;
}

/** Offset paging with a field of the body: Bitrix24's `start` / `next` / `total`. */
export function offsetInBody(
  field: string,
  next: (body: unknown) => number | undefined,
  total?: (body: unknown) => number | undefined,
): Paging {
  return {
    ask: (request, state) => ({ ...request, body: { ...(request.body as JsonObject), [field]: state[field] } }),
    next: (body) => {
      const start = next(body);
      return start === undefined ? undefined : { [field]: start };
    },
    ...(total === undefined ? {} : { total }),
  };
}
