/**
 * What a client, or one of its organizations, has set about connecting accounts: how the pages look, where a person may
 * go afterwards, who may show the page in a frame.
 */
import * as z from 'zod';
import { isLoopbackHost, isOrigin } from '../origin.ts';

const MAX_LIST = 50;
/** A picture that travels inside the page. */
const MAX_LOGO = 64 * 1024;

/** https, or a page on the developer's own machine; no user, no fragment, and one host: `*` stands for nothing. */
export function isReturnUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  return (
    (protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname))) &&
    !hostname.includes('*') &&
    `${username}${password}${hash}` === ''
  );
}

export const Brand = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^\P{Cc}*$/u, 'a name may not contain control characters')
    .optional()
    .describe('What the page calls the product'),
  logo_url: z
    .string()
    .max(MAX_LOGO)
    .regex(/^data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]/i, 'give the picture itself, as data:image/png;base64,...')
    .optional()
    .describe('The picture as a data: address; the page asks no other site for one'),
  color: z
    .string()
    .regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i, 'give a colour like #1d4ed8')
    .optional(),
});
export type Brand = z.infer<typeof Brand>;

/** An organization without an app of its own takes its client's or the platform's, or may not connect. */
export type OrgAppPolicy = 'fall_back' | 'refuse';

/** Every field has a default, so that an old record stays valid. */
export const ClientSettings = z.object({
  brand: Brand.default({}),
  /** Addresses a person may be sent to after connecting; see `isAllowedReturn`. */
  return_urls: z.array(z.string().max(2_000)).max(MAX_LIST).default([]),
  /** Web origins that may show the connect page in a frame. */
  embedding_origins: z
    .array(z.string().refine(isOrigin, 'give origins like https://app.example.com'))
    .max(MAX_LIST)
    .default([]),
  /** What an organization without an OAuth app of its own does. */
  org_app: z.enum(['fall_back', 'refuse'] satisfies OrgAppPolicy[]).default('fall_back'),
});
export type ClientSettings = z.infer<typeof ClientSettings>;

/** An organization has a look of its own; everything else is its client's. */
export const OrgSettings = z.object({ brand: Brand.default({}) });
export type OrgSettings = z.infer<typeof OrgSettings>;

export interface SettingsOf {
  readonly client: ClientSettings;
  readonly org: OrgSettings;
}

/** Reads what was set; nothing set is all defaults. */
export interface SettingsReader {
  find(owner: { readonly client: string; readonly org?: string | undefined }): Promise<SettingsOf>;
}

/** What may be put on the list. What was stored before stays, and allows only what `isAllowedReturn` lets it. */
export const ReturnUrls = z
  .array(
    z
      .string()
      .max(2_000)
      .refine(isReturnUrl, 'give addresses like https://app.example.com/connected, each with its whole host')
      .refine((text) => !text.includes('*'), 'an address that ends in / allows all below it; * stands for nothing'),
  )
  .max(MAX_LIST);

/**
 * An address is allowed when one of the list has the same origin and the same path, or ends in a slash and is the
 * beginning of its path. The query is free. Compared after parsing, so that no spelling gets around it.
 */
export function isAllowedReturn({ return_urls }: Pick<ClientSettings, 'return_urls'>, address: string): boolean {
  if (!isReturnUrl(address)) return false;
  const wanted = new URL(address);
  return return_urls.some((entry) => {
    if (!URL.canParse(entry)) return false;
    const { origin, pathname } = new URL(entry);
    if (origin !== wanted.origin) return false;
    if (pathname === wanted.pathname) return true;
    return pathname.endsWith('/') && wanted.pathname.startsWith(pathname) && staysBelow(wanted.pathname);
  });
}

/**
 * Whether every server that reads this path finds itself where it seems to be. A URL is parsed with `/` alone between its
 * parts; a server may decode once more and go up from there: `/cb/..%2fadmin`, also with `%255c`, or with `..;` in between.
 */
function staysBelow(pathname: string): boolean {
  let path = pathname;
  for (let decoded = decodedOnce(path); decoded !== path; decoded = decodedOnce(path)) {
    if (decoded === undefined) return false;
    path = decoded;
  }
  if (/\p{Cc}/u.test(path)) return false;
  const parts = path.split(/[/\\]/).map((part) => part.replace(/;.*$/s, '').trim());
  return !parts.some((part) => /^\.+$/.test(part));
}

/** Undefined where it is no encoding of anything. */
function decodedOnce(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
