/** An error as an AWS service answers it. The endpoint writes it in the protocol of the service that was called. */
export class AwsError extends Error {
  /** e.g. `AccessDeniedException`. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
