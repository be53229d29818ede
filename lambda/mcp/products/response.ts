/** How the HTTP calls for products answer, and every way they refuse. Each refusal says what to do next. */

/** Codes with their statuses (docs/errors.md, tested both ways). */
export const STATUS = {
  invalid_input: 400,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  internal: 500,
} as const;

export interface Refusal {
  readonly code: keyof typeof STATUS;
  readonly message: string;
  readonly next: string;
  /** Seconds. */
  readonly retry_after?: number;
  readonly reference?: string;
}

export function productResponse(
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  // A link is for one person: nothing on the way may keep it.
  return Response.json(body, {
    status,
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers },
  });
}

export function refuse(error: Refusal, headers: Readonly<Record<string, string>> = {}): Response {
  return productResponse(STATUS[error.code], { error }, headers);
}

export function invalid(message: string, next = 'Correct it and send the request again.'): Response {
  return refuse({ code: 'invalid_input', message, next });
}
