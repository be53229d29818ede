/** How connect pages look, as options: the same ones for a client and for an organization. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { BrandName } from '../../core/tenant/settings-admin.ts';
import { Brand } from '../../core/tenant/settings.ts';
import { Refused, WrongUsage, type Io } from './io.ts';
import { given } from './options.ts';

export interface BrandOptions {
  readonly name?: string;
  readonly color?: string;
  readonly logo?: string;
  readonly clear?: readonly string[];
}

const FIELDS = { name: 'name', color: 'color', logo: 'logo_url' } as const;

/** @param more what else `--clear` takes back. */
export function withBrand(command: Command, more: readonly string[] = []): Command {
  return command
    .option('--name <text>', 'what the page calls the product', brandName)
    .option('--color <color>', 'such as #1d4ed8', color)
    .option('--logo <file>', 'a PNG, JPEG, GIF, WebP or SVG of at most 48 KB')
    .addOption(
      new Option('--clear <what...>', 'take back to the default (repeatable)').choices([
        ...Object.keys(FIELDS),
        ...more,
      ]),
    );
}

/** The change that the options ask for; undefined for none. */
export function brandChange(io: Io, { name, color: wanted, logo, clear = [] }: BrandOptions) {
  const both = Object.entries({ name, color: wanted, logo }).find(
    ([what, to]) => to !== undefined && clear.includes(what),
  );
  if (both !== undefined) throw new WrongUsage(`--clear ${both[0]} and --${both[0]} exclude each other.`);
  const cleared = Object.entries(FIELDS).flatMap(([what, field]) => (clear.includes(what) ? [[field, null]] : []));
  const change = {
    ...(Object.fromEntries(cleared) as { readonly [Field in keyof Brand]?: null }),
    ...given({ name, color: wanted, logo_url: logo === undefined ? undefined : readLogo(io, logo) }),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

/** By what a file begins with, not by its name. */
const PICTURES: readonly (readonly [type: string, begins: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
  ['image/svg+xml', /^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)*<svg[\s>]/],
];

function readLogo(io: Io, file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path.resolve(io.cwd, file));
  } catch {
    throw new Refused(`The picture ${file} cannot be read.`, 'Check the path of --logo.');
  }
  const beginning = bytes.subarray(0, 2_000).toString('latin1');
  const type = PICTURES.find(([, begins]) => begins.test(beginning))?.[0];
  if (type === undefined)
    throw new Refused(`${file} is not a picture that pages can show.`, 'Use a PNG, JPEG, GIF, WebP or SVG.');
  const address = `data:${type};base64,${bytes.toString('base64')}`;
  if (Brand.shape.logo_url.safeParse(address).success) return address;
  throw new Refused(`${file} is too large.`, 'The picture travels inside each page: make it smaller than 48 KB.');
}

function brandName(value: string): string {
  if (BrandName.safeParse(value).success) return value;
  throw new InvalidArgumentError('Expected 1-100 characters on one line.');
}

function color(value: string): string {
  if (Brand.shape.color.safeParse(value).success) return value;
  throw new InvalidArgumentError('Expected a colour like #1d4ed8.');
}
