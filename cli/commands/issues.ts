/** `issues list` and `close`: what agents reported with `report_issue`. */
import { Option, type Command } from 'commander';
import { ISSUE_STATUSES, type IssueStatus } from '../../core/tenant/issue.ts';
import { callAdmin, callAdminList } from '../admin-api/admin-client.ts';
import { findTarget } from '../admin-api/target.ts';
import { printJson, printable, type Io } from '../terminal/io.ts';
import { forServer, given, group, opaqueIdOption, type ServerOptions } from '../terminal/options.ts';
import { table } from '../terminal/table.ts';

interface ListOptions extends ServerOptions {
  readonly client?: string;
  readonly status?: IssueStatus;
}

interface CloseOptions extends ServerOptions {
  readonly id: string;
  readonly client?: string;
  readonly note?: string;
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'WHEN' },
  { title: 'CLIENT', cut: true },
  { title: 'STATUS' },
  { title: 'SUMMARY', cut: true },
];

export function addIssues(program: Command, io: Io): void {
  const issues = group(program, 'issues', 'what agents reported with report_issue', 'issues list --client acme');

  forServer(issues.command('list'), 'issues list --client acme --status open')
    .description('list the reports of the last 90 days')
    .option('--client <id>', 'of this client only, newest first', opaqueIdOption)
    .addOption(new Option('--status <status>', 'only those').choices(ISSUE_STATUSES))
    .action(async ({ data, json, client, status }: ListOptions) => {
      const query = given({ client, status });
      const { rows: found } = await callAdminList(io, findTarget(io, data), 'listIssues', 'issues', { query });
      if (json === true) return printJson(io, found);
      const rows = found.map((issue) => [
        issue.id,
        issue.at.slice(0, 16).replace('T', ' '),
        issue.client,
        issue.status,
        issue.summary,
      ]);
      io.out(table(COLUMNS, rows));
      if (rows.length === 0) io.err('Nothing was reported.\n');
    });

  forServer(issues.command('close'), 'issues close --id mihb3x2o.Qm3vT1aZ --note "fixed in 1.4"')
    .description('close a report, with a note for those who read it later')
    .requiredOption('--id <id>', 'as `issues list` shows it')
    .option('--client <id>', 'of this client; found without it too', opaqueIdOption)
    .option('--note <text>', 'what came of it')
    .action(async ({ data, json, id, client, note }: CloseOptions) => {
      const closed = await callAdmin(io, findTarget(io, data), 'changeIssue', {
        params: { id },
        query: given({ client }),
        body: { status: 'closed', ...given({ note }) },
      });
      if (json === true) return printJson(io, closed);
      io.out(`Issue ${printable(closed.id)} of client ${printable(closed.client)} is closed.\n`);
    });
}
