/** `events set`, `show`, `remove` and `test`: where a client's events go. The secret is printed once, on standard output. */
import { InvalidArgumentError, type Command } from 'commander';
import { webhookUrlProblem } from '../../core/event/webhook.ts';
import { callAdmin } from '../admin-api/admin-client.ts';
import { askToConfirm } from '../terminal/confirm.ts';
import { printJson, printable, type Io } from '../terminal/io.ts';
import { forServer, group, opaqueIdOption, type ServerOptions } from '../terminal/options.ts';
import { findTarget } from '../admin-api/target.ts';

interface OneClient extends ServerOptions {
  readonly client: string;
}

export function addEvents(program: Command, io: Io): void {
  const events = group(program, 'events', 'where the events of a client go', 'events show --client acme');
  addSet(events, io);
  addShow(events, io);
  addRemove(events, io);
  addTest(events, io);
}

function ofClient(command: Command, example: string): Command {
  return forServer(command, example).requiredOption('--client <id>', 'whose events', opaqueIdOption);
}

function addSet(events: Command, io: Io): void {
  ofClient(events.command('set'), 'events set --client acme --url https://app.example.com/hooks/allmcp')
    .description('send events to an address; prints the secret that signs them')
    .requiredOption('--url <url>', 'where they are posted to: https, on the public internet', receiverUrl)
    .action(async ({ data, json, client, url }: OneClient & { readonly url: string }) => {
      const set = await callAdmin(io, findTarget(io, data), 'putWebhook', { params: { id: client }, body: { url } });
      if (json === true) return printJson(io, set);
      io.out(`Events of client ${printable(set.client)} go to ${printable(set.url)}, signed with:\n\n`);
      io.out(`  ${set.secret}\n\n`);
      io.out('It is shown this once. Give it to the receiver, which checks every event with it (docs/embed.md).\n');
      if (set.since !== set.changed_at) io.out('The secret before it signs along for a day.\n');
    });
}

function addShow(events: Command, io: Io): void {
  ofClient(events.command('show'), 'events show --client acme')
    .description('show where events go')
    .action(async ({ data, json, client }: OneClient) => {
      const webhook = await callAdmin(io, findTarget(io, data), 'getWebhook', { params: { id: client } });
      if (json === true) return printJson(io, webhook);
      io.out(`Events of client ${printable(webhook.client)} go to ${printable(webhook.url)}\n`);
      io.out(`Since ${webhook.since}; last set ${webhook.changed_at}.\n`);
    });
}

function addRemove(events: Command, io: Io): void {
  ofClient(events.command('remove'), 'events remove --client acme --yes')
    .description('send events to nobody; what waits is not delivered any more')
    .option('--yes', 'do not ask')
    .action(async ({ data, json, client, yes }: OneClient & { readonly yes?: boolean }) => {
      const target = findTarget(io, data);
      await askToConfirm(io, `Send the events of client ${printable(client)} to nobody? What waits is lost.`, yes);
      const removed = await callAdmin(io, target, 'removeWebhook', { params: { id: client } });
      if (json === true) return printJson(io, removed);
      io.out(`Events of client ${printable(removed.client)} go nowhere now.\n`);
    });
}

function addTest(events: Command, io: Io): void {
  ofClient(events.command('test'), 'events test --client acme')
    .description('send an event of type ping, within about a minute')
    .action(async ({ data, json, client }: OneClient) => {
      const queued = await callAdmin(io, findTarget(io, data), 'testWebhook', { params: { id: client } });
      if (json === true) return printJson(io, queued);
      io.out(`An event of type ping is on its way: webhook-id ${queued.id}. It arrives within about a minute.\n`);
    });
}

function receiverUrl(value: string): string {
  const problem = webhookUrlProblem(value);
  if (problem === undefined) return value;
  throw new InvalidArgumentError(`An address like https://app.example.com/hooks is needed; this one ${problem}.`);
}
