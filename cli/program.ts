/**
 * The command line as a function: arguments and an Io in, an exit code out. 0 done, 1 refused, 2 wrong usage.
 * Standard output carries answers only; everything else goes to standard error.
 */
import { Command, CommanderError } from 'commander';
import { addBootstrap } from './commands/bootstrap.ts';
import { addCall } from './commands/call.ts';
import { addClients } from './commands/clients.ts';
import { addConnectLink } from './commands/connect-link.ts';
import { addConnections } from './commands/connections.ts';
import { addCost } from './commands/cost.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvents } from './commands/events.ts';
import { addIssues } from './commands/issues.ts';
import { addKeys } from './commands/keys.ts';
import { addOAuthApps } from './commands/oauth-apps.ts';
import { addOperators } from './commands/operators.ts';
import { addOrgs } from './commands/orgs.ts';
import { addProviders } from './commands/providers.ts';
import { addWhy } from './commands/why.ts';
import { addSmoke } from './commands/smoke.ts';
import { addUsage } from './commands/usage.ts';
import { Refused, WrongUsage, type Io } from './terminal/io.ts';

export const EXIT = { done: 0, refused: 1, wrongUsage: 2 } as const;

export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    await createProgram(io).parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof Refused) {
      io.err(`${error.message}${error.message === '' ? '' : '\n'}${error.next === undefined ? '' : `${error.next}\n`}`);
      return EXIT.refused;
    }
    if (error instanceof WrongUsage) {
      io.err(`error: ${error.message}\n`);
      return EXIT.wrongUsage;
    }
    // commander has printed what is wrong, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    throw error;
  }
}

/** In the order in which the help lists them. */
const COMMANDS = [
  addClients,
  addOrgs,
  addKeys,
  addOAuthApps,
  addConnectLink,
  addConnections,
  addEvents,
  addUsage,
  addWhy,
  addCall,
  addIssues,
  addProviders,
  addOperators,
  addBootstrap,
  addDoctor,
  addSmoke,
  addCost,
] as const;

function createProgram(io: Io): Command {
  const program = new Command('allmcp')
    .description('Manage a running AllMCP: the local one that `npm start` runs, or the one at ALLMCP_URL.')
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('(add --help for what this command takes)')
    .addHelpText(
      'after',
      `
A local server is found by itself. For a deployed one set ALLMCP_URL and ALLMCP_OPERATOR_KEY.
Exit codes: 0 done, 1 refused (the reason is on standard error), 2 wrong usage.

Example:
  $ npm run -s allmcp -- keys create --client acme --type platform --json`,
    );
  for (const add of COMMANDS) add(program, io);
  return program;
}
