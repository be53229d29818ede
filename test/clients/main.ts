/** `npm run clients`: every client of the matrix against the laptop runtime. Exit code 1 when a row is not green. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MatrixClient } from './client.ts';
import { commandClients } from './command-clients.ts';
import { installClients, PACKAGES, versionOf } from './installed.ts';
import { libraryClients } from './library-clients.ts';
import { page, terminalTable } from './report.ts';
import { setUpClients, type ClientsSetUp } from './set-up.ts';
import { visit, type Visit } from './visit.ts';

const PAGE = fileURLToPath(new URL('../../docs/clients.md', import.meta.url));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function visitAll(world: ClientsSetUp, clients: readonly MatrixClient[]): Promise<readonly Visit[]> {
  const visits: Visit[] = [];
  for (const client of clients) {
    say(`${client.name} ${client.version}`);
    visits.push(await visit(world, client));
  }
  return visits;
}

installClients(say);
const world = await setUpClients();
const clients = [...libraryClients(PACKAGES, versionOf), ...commandClients(PACKAGES, versionOf)];
let visits: readonly Visit[];
try {
  visits = await visitAll(world, clients);
} finally {
  await world.stop();
}
say(`\n${terminalTable(visits)}\n`);
const red = visits.filter(({ problems }) => problems.length > 0);
for (const { client, problems } of red) for (const problem of problems) say(`${client.name}: ${problem}`);
if (red.length === 0) writeFileSync(PAGE, page(visits));
say(`${visits.length - red.length} of ${visits.length} clients green`);
process.exitCode = red.length === 0 ? 0 : 1;
