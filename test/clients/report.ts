/** The matrix for a terminal, and as the page that is kept: nothing in it changes from run to run. */
import { REFUSALS, type RefusalName, type Visit } from './visit.ts';

export function terminalTable(visits: readonly Visit[]): string {
  const rows = visits.map(({ client, revision, listed, refused, problems }) => [
    `${client.name} ${client.version}`,
    revision,
    `${listed.before} / ${listed.connected}`,
    ...REFUSALS.map((name) => brief(refused[name])),
    problems.length === 0 ? 'green' : 'RED',
  ]);
  const head = ['client', 'negotiated', 'tools before / after connecting', ...REFUSALS, ''];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function brief(refusal: Visit['refused'][RefusalName]): string {
  if (refusal === undefined) return 'wrong';
  return refusal.showsServerWords ? 'our words' : 'its own words';
}

const INTRODUCTION = `# Clients

\`npm run clients\` starts the server on this machine, connects every client below to it through a proxy that records what
goes over the wire, and writes this page. A row is here only if the client agreed on the revision shown, listed the
system tools, connected a Bitrix24 account with \`connect_provider\`, read it back with \`list_connections\`, saw the
provider's tools in its list and got rows from \`bitrix24_list_deals\`. The run fails if a row does not hold.

"Shows our words" says what a person gets to read when a key is refused: the server's own sentence, which says what to
do, or a text of the client that hides it. Where a client hides it, the server sent the sentence all the same.
`;

/** Markdown. Only to be written when every row is green. */
export function page(visits: readonly Visit[]): string {
  const rows = visits.map(
    ({ client, revision, triedStream, refused }) =>
      `| ${client.name} | ${client.version} | ${revision} | ${triedStream ? 'yes, takes 405 and goes on' : 'no'} | ${shows(refused)} |`,
  );
  return `${[
    INTRODUCTION,
    '| client | version | negotiates | tries a GET stream | shows our words |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    '## How each is given its key, and what it prints when the key is refused',
    ...visits.flatMap(section),
  ].join('\n')}\n`;
}

function shows(refused: Visit['refused']): string {
  const hidden = REFUSALS.filter((name) => refused[name]?.showsServerWords !== true);
  if (hidden.length === 0) return 'always';
  return hidden.length === REFUSALS.length ? 'no' : `not for: ${hidden.join(', ')}`;
}

function section({ client, refused }: Visit): readonly string[] {
  const texts = new Map<string, RefusalName[]>();
  for (const name of REFUSALS) {
    const printed = refused[name]?.printed ?? '';
    texts.set(printed, [...(texts.get(printed) ?? []), name]);
  }
  return [
    '',
    `### ${client.name}`,
    '',
    client.setup,
    ...[...texts].flatMap(([printed, names]) => ['', `${capital(names.join(', '))}:`, '', '```text', printed, '```']),
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
