/** `clients settings`: shows what a client has set about connecting accounts, or changes some of it. */
import { Option, type Command } from 'commander';
import { callAdmin } from '../admin-api/admin-client.ts';
import { brandChange, withBrand, type BrandOptions } from '../terminal/brand-options.ts';
import { printJson, printable, WrongUsage, type Io } from '../terminal/io.ts';
import { forServer, given, opaqueIdOption, texts, type ServerOptions } from '../terminal/options.ts';
import { findTarget, type Target } from '../admin-api/target.ts';

interface SettingsOptions extends ServerOptions, BrandOptions {
  readonly client: string;
  readonly returnUrl?: readonly string[];
  readonly embeddingOrigin?: readonly string[];
  readonly orgApp?: 'fall_back' | 'refuse';
  readonly inlineCredentials?: 'accept' | 'refuse';
}

const LISTS = { 'return-urls': 'return_urls', 'embedding-origins': 'embedding_origins' } as const;

export function addClientSettings(clients: Command, io: Io): void {
  const command = forServer(
    clients.command('settings'),
    'clients settings --client acme --return-url https://app.example.com/connected',
  )
    .description('show what a client has set about connecting accounts; with options, change it')
    .requiredOption('--client <id>', 'which client', opaqueIdOption)
    .option('--return-url <url>', 'where people may be sent after connecting (repeatable; replaces the list)', texts)
    .option('--embedding-origin <origin>', 'who may frame the connect page (repeatable; replaces the list)', texts)
    .addOption(
      new Option('--org-app <policy>', 'what an organization without an OAuth app of its own does').choices([
        'fall_back',
        'refuse',
      ]),
    )
    .addOption(
      new Option('--inline-credentials <policy>', 'whether agents may hand over credentials as arguments').choices([
        'accept',
        'refuse',
      ]),
    );
  withBrand(command, Object.keys(LISTS)).action(async (options: SettingsOptions) => {
    const target = findTarget(io, options.data);
    const params = { id: options.client };
    const body = changeOf(io, options);
    if (options.inlineCredentials !== undefined)
      await callAdmin(io, target, 'changeClient', {
        params,
        body: { policy: { inline_credentials: options.inlineCredentials } },
      });
    if (Object.keys(body).length > 0) await callAdmin(io, target, 'changeSettings', { params, body });
    await show(io, target, options);
  });
}

function changeOf(io: Io, options: SettingsOptions) {
  const { returnUrl, embeddingOrigin, orgApp, clear = [] } = options;
  const brand = brandChange(io, options);
  const lists = { return_urls: returnUrl, embedding_origins: embeddingOrigin };
  const changes = Object.entries(LISTS).flatMap(([what, field]) => {
    const wanted = lists[field];
    if (wanted !== undefined && clear.includes(what))
      throw new WrongUsage(`--clear ${what} and new values for it exclude each other.`);
    if (clear.includes(what)) return [[field, []]];
    return wanted === undefined ? [] : [[field, [...wanted]]];
  });
  return {
    ...(Object.fromEntries(changes) as { readonly [Field in (typeof LISTS)[keyof typeof LISTS]]?: string[] }),
    ...given({ brand, org_app: orgApp }),
  };
}

async function show(io: Io, target: Target, { client, json }: SettingsOptions): Promise<void> {
  const params = { id: client };
  const [settings, { policy }] = await Promise.all([
    callAdmin(io, target, 'getSettings', { params }),
    callAdmin(io, target, 'getClient', { params }),
  ]);
  if (json === true) return printJson(io, { ...settings, inline_credentials: policy.inline_credentials });
  const { brand, return_urls: urls, embedding_origins: origins, org_app: orgApp } = settings;
  const rows: readonly (readonly [string, string])[] = [
    ['name', brand.name ?? '-'],
    ['color', brand.color ?? '-'],
    ['logo', brand.logo_url === null ? '-' : `${Math.ceil(brand.logo_url.length / 1024)} KB`],
    ...(urls.length === 0 ? ['-'] : urls).map((url) => ['return url', url] as const),
    ...(origins.length === 0 ? ['-'] : origins).map((origin) => ['embedding origin', origin] as const),
    ['org app', orgApp],
    ['inline credentials', policy.inline_credentials],
  ];
  for (const [title, value] of rows) io.out(`${title.padEnd(18)}  ${printable(value)}\n`);
}
