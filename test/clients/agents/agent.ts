/** What every agent of the run is reduced to: it gets a server, a key and a model, follows the model, and prints. */
export const SITUATIONS = ['401', '403', '429', 'isError', 'cancel', 'after connecting'] as const;
export type Situation = (typeof SITUATIONS)[number];

export interface AgentTask {
  /** The MCP URL with tenancy parameters. */
  readonly url: URL;
  readonly key: string;
  /** The origin of the model service. */
  readonly model: string;
  /** An empty folder of this task. */
  readonly home: string;
}

export interface AgentRun {
  /** Null when it did not start, or had to be ended. */
  readonly code: number | null;
  /** What a person reads: standard output and standard error, in the order in which they came. */
  readonly printed: string;
}

export interface Agent {
  readonly name: string;
  /** The package whose version stands in the table. */
  readonly packageName: string;
  /** Packages that it runs with, beside its own. */
  readonly needs: readonly string[];
  /** The program that its package has for each platform, where it has one. */
  readonly program?: string;
  /** The header that its configuration gives the key in. */
  readonly auth: 'Bearer' | 'X-API-Key';
  /** The configuration to paste, lines of Markdown with URL and KEY in it. */
  readonly setup: readonly string[];
  /** What does not work with it, whatever the server does, and what helps: one sentence. It is red when that works again. */
  readonly limitation?: { readonly situations: readonly Situation[]; readonly words: string };
  readonly run: (task: AgentTask) => Promise<AgentRun>;
}
