/**
 * The bytes of a response as text: the one place where what came over the wire is unpacked and read. What was asked for
 * does not matter: gateways compress though nobody wanted it, so the answer is read as it says it was written.
 */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, type InputType, type ZlibOptions } from 'node:zlib';
import { TransportError } from '../../core/egress/egress.ts';

/** What is asked for, and can be unpacked. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

type Unpack = (packed: InputType, options: ZlibOptions) => Promise<Buffer>;

const wrapped: Unpack = promisify<InputType, ZlibOptions, Buffer>(inflate);
const bare: Unpack = promisify<InputType, ZlibOptions, Buffer>(inflateRaw);
const gzip: Unpack = promisify<InputType, ZlibOptions, Buffer>(gunzip);

const UNPACKERS: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['br', promisify<InputType, ZlibOptions, Buffer>(brotliDecompress)],
  // Half the world's `deflate` has the header that RFC 9110 wants, the other half has none.
  ['deflate', (packed, options) => (hasZlibHeader(packed) ? wrapped : bare)(packed, options)],
]);

/** More layers than a proxy behind a proxy puts around a body are no body. */
const MOST_LAYERS = 3;

/**
 * The text of a body. Throws TransportError: `too_large` for more than `most` bytes once unpacked, `unreadable` for an
 * encoding that is unknown or does not hold.
 */
export async function textOfBody(
  body: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  most: number,
): Promise<string> {
  const layers = String(headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  let bytes = body;
  // Nothing is nothing, whatever it is said to be packed in.
  if (bytes.length > 0) {
    if (layers.length > MOST_LAYERS) throw new TransportError('unreadable', true);
    for (const layer of layers.toReversed()) bytes = await unpacked(layer, bytes, most);
  }
  return decoderOf(bytes, String(headers['content-type'] ?? '')).decode(bytes);
}

async function unpacked(layer: string, packed: Buffer, most: number): Promise<Buffer> {
  const unpack = UNPACKERS.get(layer);
  if (unpack === undefined) throw new TransportError('unreadable', true);
  try {
    return await unpack(packed, { maxOutputLength: most });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new TransportError(isTooLarge ? 'too_large' : 'unreadable', true);
  }
}

function hasZlibHeader(packed: InputType): boolean {
  return packed instanceof Uint8Array && ((packed[0] ?? 0) & 0x0f) === 8;
}

/** A byte order mark says more than the header, and the header more than nothing; a name that nobody knows says nothing. */
function decoderOf(bytes: Buffer, contentType: string): TextDecoder {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be');
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return new TextDecoder();
  const [, named = 'utf-8'] = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType) ?? [];
  try {
    return new TextDecoder(named);
  } catch {
    return new TextDecoder();
  }
}
