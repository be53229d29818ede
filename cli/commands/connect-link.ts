/** `connect-link`: an address and a code with which one person connects one account. Both are printed once. */
import type { Command } from 'commander';
import { callAdmin } from '../admin-api/admin-client.ts';
import { printJson, printable, type Io } from '../terminal/io.ts';
import { forTenant, given, tenantOf, type TenantOptions } from '../terminal/options.ts';
import { findTarget } from '../admin-api/target.ts';

interface LinkOptions extends TenantOptions {
  readonly provider: string;
  readonly connection?: string;
  readonly returnUrl?: string;
}

export function addConnectLink(program: Command, io: Io): void {
  forTenant(program.command('connect-link'), 'connect-link --client acme --org jsm --user ann --provider kommo --json')
    .description('make a link with which one person connects one account, once')
    .requiredOption('--provider <key>', 'as `providers list` names it')
    .option('--connection <name>', 'what the user calls this account, when there are several')
    .option('--return-url <url>', "where the person goes afterwards; one of the client's return addresses")
    .action(async (options: LinkOptions) => {
      const { data, json, provider, connection, returnUrl } = options;
      const body = { ...tenantOf(io, options), provider, ...given({ connection, return_url: returnUrl }) };
      const link = await callAdmin(io, findTarget(io, data), 'createConnectLink', { body });
      if (json === true) return printJson(io, link);
      io.out(`Give this address to the person who connects; it works once, until ${link.expires_at}:\n\n`);
      io.out(`  ${printable(link.url)}\n\nThe page asks for this code. Hand it over apart from the address:\n\n`);
      io.out(`  ${printable(link.code)}\n`);
    });
}
