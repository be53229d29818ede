/**
 * How a page looks for one organization: name, logo, colour. What would make the page unreadable, or make the
 * browser ask another site for something, is ignored: a brand is a wish, reading and privacy are not.
 */
import { plainName } from '../../core/plain-name.ts';
import type { SettingsOf } from '../../core/tenant/settings.ts';
import type { ConnectLink } from '../../core/connect/link.ts';
import type { PublicUrl } from '../../core/public-url.ts';

/** As the client or the organization has set it. */
export interface Branding {
  readonly name: string;
  /** A `data:` image, or an image that this service serves itself; any other address is ignored. */
  readonly logoUrl?: string | undefined;
  /** `#rgb` or `#rrggbb`. */
  readonly color?: string | undefined;
  /** Origins that may show the page in a frame, such as `https://app.example.com`. */
  readonly embeddingOrigins: readonly string[];
}

/** An organization's own look, else its client's; without a name it is called as its product calls it. */
export function brandingOf({ client, org }: SettingsOf, owner: Pick<ConnectLink, 'client' | 'org'>): Branding {
  const brand = { ...client.brand, ...org.brand };
  return {
    name: plainName(brand.name ?? owner.org ?? owner.client),
    logoUrl: brand.logo_url,
    color: brand.color,
    embeddingOrigins: client.embedding_origins,
  };
}

export interface Colors {
  readonly surface: string;
  readonly text: string;
  /** Buttons, and the line on top of the page. */
  readonly accent: string;
  /** Text on the accent. */
  readonly onAccent: string;
}

export const LIGHT = { surface: '#ffffff', text: '#17202b', accent: '#1d4ed8' } as const;
export const DARK = { surface: '#1a222d', text: '#eef2f6', accent: '#8ab4ff' } as const;

/** WCAG 2.2: 1.4.3 for text, 1.4.11 for the shape of a control. */
const TEXT_CONTRAST = 4.5;
const SHAPE_CONTRAST = 3;

/** How much of the text's colour may be mixed into a brand colour before it is no longer that brand's. */
const SHADES = [0, 0.1, 0.2, 0.3] as const;

/**
 * The colours of one scheme. A brand colour that does not stand out from the page is taken in the first shade that
 * does; when none does, the default is used.
 */
export function colors(scheme: typeof LIGHT | typeof DARK, brand: string | undefined): Colors {
  const { surface, text } = scheme;
  const wished = brand === undefined ? undefined : hex(brand);
  const shades = wished === undefined ? [] : SHADES.map((share) => mix(wished, text, share));
  const accent = shades.find((shade) => contrast(shade, surface) >= SHAPE_CONTRAST) ?? scheme.accent;
  return { surface, text, accent, onAccent: readableOn(accent) };
}

/** White where it can be read, else black: one of the two always reaches 4.5. */
export function readableOn(background: string): string {
  return contrast('#ffffff', background) >= TEXT_CONTRAST ? '#ffffff' : '#000000';
}

/** Contrast of two `#rrggbb` colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/**
 * The logo's address if showing it asks nobody but this service.
 * @param publicUrl where this service is reached from outside.
 */
export function logo(logoUrl: string | undefined, publicUrl: PublicUrl): string | undefined {
  if (logoUrl === undefined) return undefined;
  if (/^data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]/i.test(logoUrl)) return logoUrl;
  return URL.canParse(logoUrl) && new URL(logoUrl).origin === new URL(publicUrl).origin ? logoUrl : undefined;
}

function hex(color: string): string | undefined {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color)?.[1]?.toLowerCase();
  if (digits === undefined) return undefined;
  return `#${digits.length === 6 ? digits : Array.from(digits, (digit) => digit + digit).join('')}`;
}

/** Red, green and blue of `#rrggbb`, 0 to 255. */
function channels(color: string): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

function mix(color: string, other: string, share: number): string {
  const others = channels(other);
  const mixed = channels(color).map((value, at) => Math.round(value * (1 - share) + (others[at] ?? 0) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
