/** The code of a connect link: shown where the person talks to the agent, typed on the page. */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

/** Letters and digits that are not mistaken for one another: 31^6 codes, of which five may be tried. */
const CODE_ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ2345678';

/** Such as `K7M-2PX`. */
export function mintCode(): string {
  const half = (): string => Array.from({ length: 3 }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join('');
  return `${half()}-${half()}`;
}

export function hashCode(secret: string, code: string): string {
  return createHash('sha256')
    .update(`${secret}|${normalCode(code)}`)
    .digest('hex');
}

/** True for the code the link was made with; compared without telling how much of it fits. */
export function isRightCode(link: { readonly codeHash: string }, secret: string, code: string): boolean {
  return timingSafeEqual(Buffer.from(link.codeHash, 'hex'), Buffer.from(hashCode(secret, code), 'hex'));
}

/** What a person, or the keyboard, may change while typing: case, spaces, any dash, quotes, full-width letters. */
function normalCode(code: string): string {
  return code
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');
}
