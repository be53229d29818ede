/**
 * What every client of the matrix is reduced to: connect, list, call, and the text it gives a person when it cannot.
 * A client that fails throws, and the message of what it throws is what it prints.
 */
export interface Target {
  /** The MCP URL with tenancy parameters. */
  readonly url: URL;
  readonly key: string;
  /** A folder of this run; clients that keep credentials keep them there. */
  readonly home: string;
}

export interface OpenClient {
  readonly listTools: () => Promise<readonly string[]>;
  /** The structured content of the result. Throws for a tool's failure too. */
  readonly callTool: (name: string, args: Readonly<Record<string, string>>) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

export interface MatrixClient {
  readonly name: string;
  readonly version: string;
  /** How a key is given to it, and what else its users should know. Markdown. */
  readonly setup: string;
  /** The revision it is expected to agree on. */
  readonly revision: '2025-11-25' | '2026-07-28';
  /** Where it prints text of its own, whatever the server answers. */
  readonly ownWords: { readonly key: boolean; readonly organization: boolean };
  readonly open: (target: Target) => Promise<OpenClient>;
}

/** The structured content of a result, checked as far as the matrix relies on it. */
export function structuredOf(result: unknown): unknown {
  const { isError, structuredContent } = Object(result) as { isError?: unknown; structuredContent?: unknown };
  if (isError === true || structuredContent === undefined)
    throw new Error(`the tool did not succeed: ${JSON.stringify(result)}`);
  return structuredContent;
}
