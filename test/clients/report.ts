/** The official clients for a terminal, and as their part of the page: nothing in it changes from run to run. */
import { REFUSALS, type RefusalName, type Visit } from './visit.ts';

export function terminalTable(visits: readonly Visit[]): string {
  const rows = visits.map(({ client, revision, listed, refused, problems }) => [
    `${client.name} ${client.version}`,
    revision,
    `${listed.before} / ${listed.connected}`,
    ...REFUSALS.map((name) => brief(refused[name])),
    problems.length === 0 ? 'green' : 'RED',
  ]);
  return aligned([['client', 'negotiated', 'tools before / after connecting', ...REFUSALS, ''], ...rows]);
}

/** Rows in columns. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const width = (i: number): number => Math.max(...rows.map((row) => (row[i] ?? '').length));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(width(i)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function brief(refusal: Visit['refused'][RefusalName]): string {
  if (refusal === undefined) return 'wrong';
  return refusal.showsServerWords ? 'our words' : 'its own words';
}

/** Markdown. Only to be written when every row is green. */
export function clientBlock(visits: readonly Visit[]): string {
  const rows = visits.map(
    ({ client, revision, triedStream, refused }) =>
      `| ${client.name} | ${client.version} | ${revision} | ${triedStream ? 'yes, takes 405 and goes on' : 'no'} | ${shows(refused)} |`,
  );
  return [
    '| client | version | negotiates | tries a GET stream | shows our words |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    '### How each is given its key, and what it prints when the key is refused',
    ...visits.flatMap(section),
  ].join('\n');
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
    `#### ${client.name}`,
    '',
    client.setup,
    ...[...texts].flatMap(([printed, names]) => ['', `${capital(names.join(', '))}:`, '', '```text', printed, '```']),
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
