/** One small change of the code that breaks one promise of docs/security.md. */
export interface Mutation {
  /** The promise, word for word; its own test has to fail. */
  readonly sentence: string;
  readonly file: string;
  /** Stands once in the file. */
  readonly find: string;
  readonly replace: string;
}
