/** Which calls ask first, and what a confirmation is bound to. */
import { createHash } from 'node:crypto';
import type { CatalogTool } from '../catalog/catalog.ts';
import type { ConfirmPolicy } from '../keys/confirm-policy.ts';

export function asksFirst(
  policy: ConfirmPolicy,
  { access, exposure }: Pick<CatalogTool, 'access' | 'exposure'>,
): boolean {
  if (policy === 'never') return false;
  return access === 'destructive' || (policy === 'outward' && exposure.length > 0);
}

/** The exact call a confirmation is good for: this tool, these arguments, this account. */
export function confirmationPurpose(tool: string, args: unknown, connection: string | undefined): string {
  const digest = createHash('sha256').update(canonical(args)).digest('base64url');
  return JSON.stringify(['confirm', tool, connection ?? null, digest]);
}

/** The same text for the same value, whatever order its keys came in. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`).join(',')}}`;
}

const WORDS: Readonly<Record<string, string>> = {
  sends_message: 'sends a message to other people',
  spends_money: 'spends money',
  dials_phone: 'dials a phone number',
  shares_access: 'gives other people access',
};

/** What the person is asked, in one sentence without any argument's value. */
export function confirmationQuestion({ access, exposure, definition }: CatalogTool): string {
  const acts = [
    ...(access === 'destructive' ? ['deletes data for good'] : []),
    ...exposure.map((name) => WORDS[name] ?? name),
  ];
  return `${definition.title}: this ${acts.join(' and ')}. Go on?`;
}
