/**
 * `npm run clients`: the official clients and the agents against the laptop runtime; `-- --quick` leaves the agents out.
 * What was seen is written into docs/clients.md. Exit code 1 when a row is not green; a skipped agent is not green either, but
 * for it the run does not fail: only the page keeps what it had.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { agentBlock, agentTable } from './agents/agent-report.ts';
import { AGENTS, visitAgent } from './agents/visit-agents.ts';
import { commandClients } from './command-clients.ts';
import { installClients, PACKAGES, versionOf } from './installed.ts';
import { libraryClients } from './library-clients.ts';
import { clientBlock, terminalTable } from './report.ts';
import { setUpClients, type ClientsSetUp } from './set-up.ts';
import { visit } from './visit.ts';

const PAGE = fileURLToPath(new URL('../../docs/clients.md', import.meta.url));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function each<In, Out>(items: readonly In[], visitOne: (item: In) => Promise<Out>): Promise<readonly Out[]> {
  const visits: Out[] = [];
  for (const item of items) visits.push(await visitOne(item));
  return visits;
}

/** Puts a part of the page between its two markers. Throws when the page has none. */
function writeBlock(name: string, block: string): void {
  const page = readFileSync(PAGE, 'utf8');
  const [start, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/clients.md has no markers "${start}" and "${end}"`);
  writeFileSync(PAGE, `${page.slice(0, from + start.length)}\n${block}\n${page.slice(to)}`);
}

function sayProblems(name: string, problems: readonly string[]): boolean {
  for (const problem of problems) say(`${name}: ${problem}`);
  return problems.length === 0;
}

async function runClients(world: ClientsSetUp): Promise<boolean> {
  const clients = [...libraryClients(PACKAGES, versionOf), ...commandClients(PACKAGES, versionOf)];
  const visits = await each(clients, (client) => {
    say(`${client.name} ${client.version}`);
    return visit(world, client);
  });
  say(`\n${terminalTable(visits)}\n`);
  const green = visits.filter(({ client, problems }) => sayProblems(client.name, problems)).length;
  if (green === visits.length) writeBlock('official clients', clientBlock(visits));
  say(`${green} of ${visits.length} clients green\n`);
  return green === visits.length;
}

async function runAgents(world: ClientsSetUp): Promise<boolean> {
  const visits = await each(AGENTS, (agent) => {
    say(agent.name);
    return visitAgent(world, agent);
  });
  say(`\n${agentTable(visits)}\n`);
  const red = visits.filter(({ agent, problems }) => !sayProblems(agent.name, problems)).length;
  const skipped = visits.filter((one) => one.skipped !== undefined).length;
  if (red + skipped === 0) writeBlock('agents', agentBlock(visits));
  else say('docs/clients.md keeps what it says of the agents: not every one was run, or works.');
  say(`${visits.length - red - skipped} of ${visits.length} agents green, ${skipped} skipped`);
  return red === 0;
}

const options = process.argv.slice(2);
const unknown = options.find((option) => option !== '--quick');
if (unknown !== undefined) throw new Error(`there is no option ${unknown}; there is --quick`);
const quick = options.includes('--quick');
try {
  installClients(say, { agents: !quick });
} catch (error) {
  if (quick) throw error;
  say(`the agents cannot be installed: ${String(error)}`);
  installClients(say, { agents: false });
}
const world = await setUpClients();
try {
  const clientsWork = await runClients(world);
  const agentsWork = quick || (await runAgents(world));
  process.exitCode = clientsWork && agentsWork ? 0 : 1;
} finally {
  await world.stop();
}
