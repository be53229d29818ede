/** `doctor`: what is in the way of a command working, each with the next step. Exit code 1 when anything fails. */
import type { Command } from 'commander';
import { FUNCTIONS } from '../../lib/functions.ts';
import type { Finding } from '../doctor/check.ts';
import { checkBuild, checkCdk, checkNode, checkPackages } from '../doctor/checkout.ts';
import { checkData, checkOperatorKey, checkRemote, checkServer } from '../doctor/server.ts';
import { printJson, printable, Refused, type Io } from '../terminal/io.ts';
import { forServer, portNumber, type ServerOptions } from '../terminal/options.ts';
import { dataFolder } from '../admin-api/target.ts';

const DEFAULT_PORT = 8787;

export function addDoctor(program: Command, io: Io): void {
  forServer(program.command('doctor'), 'doctor')
    .description('check this checkout, the server and the operator key')
    .option('--port <n>', `port of the local server (default: $PORT or ${DEFAULT_PORT})`, portNumber)
    .action(async ({ data, json, port }: ServerOptions & { readonly port?: number }) => {
      const folder = dataFolder(io, data);
      const findings = [
        await checkNode(io.root, process.versions.node),
        await checkPackages(io.root),
        await checkCdk(io.root),
        await checkBuild(io.root, FUNCTIONS),
        await checkData(folder),
        await checkServer(io, folder, port ?? fromEnvironment(io)),
        await checkRemote(io),
        await checkOperatorKey(io, folder),
      ];
      if (json === true) printJson(io, findings);
      else for (const finding of findings) io.out(line(finding));
      const failed = findings.filter(({ status }) => status === 'fail').length;
      if (failed > 0) throw new Refused(`${failed} of ${findings.length} checks failed.`);
    });
}

function line({ check, status, message, next }: Finding): string {
  const first = `${status.padEnd(4)}  ${check.padEnd(12)}  ${printable(message)}\n`;
  return next === null ? first : `${first}${' '.repeat(20)}${printable(next)}\n`;
}

function fromEnvironment(io: Io): number {
  const port = Number(io.env.PORT);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : DEFAULT_PORT;
}
