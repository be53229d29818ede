/** Which calls of a key ask the person first. */

/** `destructive`: before deleting. `outward`: also before messages, money, calls and shares. */
export const CONFIRM_POLICIES = ['never', 'destructive', 'outward'] as const;
export type ConfirmPolicy = (typeof CONFIRM_POLICIES)[number];
export const DEFAULT_CONFIRM: ConfirmPolicy = 'destructive';
