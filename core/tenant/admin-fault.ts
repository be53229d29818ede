/** How an act of an operator is refused. Every fault says what to do next, and none quotes a key or a hash. */
export interface AdminFault {
  readonly code: 'invalid_input' | 'forbidden' | 'not_found' | 'conflict';
  readonly message: string;
  /** What to do now, in one sentence. */
  readonly next: string;
}
