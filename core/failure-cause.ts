/** Where a failed call broke off, for logs and operators. Agents are never shown it. */
export type FailureCause = {
  /** Of the provider; for an outage of our own the service's name, such as `store`. */
  readonly host: string;
  /** HTTP status of the last response; undefined when none came. */
  readonly status?: number | undefined;
  /** The vendor's own code for it, as `QUERY_LIMIT_EXCEEDED`; never a sentence, and nothing that was sent. */
  readonly vendorCode?: string | undefined;
  /** How the connection ended, where no response came. */
  readonly broke?: string | undefined;
};
