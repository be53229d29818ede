/** The four parts of an envelope as attributes, in every row that holds something sealed. */
import * as z from 'zod';
import type { Envelope } from '../../../core/vault/envelope.ts';

const Bytes: z.ZodType<Uint8Array> = z.instanceof(Uint8Array);
export const EnvelopeItem = z.object({ edk: Bytes, iv: Bytes, ct: Bytes, tag: Bytes });
type Parts = Omit<Envelope, 'v'>;

export function toEnvelopeItem({ edk, iv, ct, tag }: Envelope): Parts {
  return { edk, iv, ct, tag };
}

/** Of whatever else is in the row, only the envelope. */
export function fromEnvelopeItem({ edk, iv, ct, tag }: Parts): Envelope {
  return { v: 1, edk, iv, ct, tag };
}

/** The four parts are there together, or nothing is sealed here. */
export function envelopeIn({ edk, iv, ct, tag }: { readonly [Part in keyof Parts]?: Parts[Part] | undefined }) {
  if (edk === undefined || iv === undefined || ct === undefined || tag === undefined) return undefined;
  return fromEnvelopeItem({ edk, iv, ct, tag });
}
