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

const HELP = `## Where a client stands in the way

**It never lists again.** Claude Code and Codex read the list of tools once per session. After connecting an account its tools
run at once by \`call_tool\`, as the answer of \`connect_provider\` says, and stand in the list of the next session.

**It asks by itself and answers for the person.** \`claude -p\` declares that it can ask and then answers \`cancel\`, because nobody
is there. That is taken for what it is: the answer carries the link and its code, or the confirm token. Only \`decline\` is a No.

**It refuses tools by their hints.** Codex with approvals off (\`approval_policy = "never"\`, \`codex exec\`) does not run a tool that
says \`destructiveHint\`, nor one that changes something elsewhere; \`call_tool\` says both, because it may run a tool that deletes.
The hint stays: where a client cannot show our question, it is what makes a person look before something is deleted. So:

- Put \`?full_catalog=true\` into the URL. Every tool is then listed by its own name with its own hints, and all that only read
  run without approval. \`&\` goes between it and \`user_id\`.
- Or allow in \`config.toml\` what you mean to allow. AllMCP still asks before it deletes, as the key says (\`--confirm\`):

\`\`\`toml
[mcp_servers.allmcp.tools.call_tool]
approval_mode = "approve"

[mcp_servers.allmcp.tools.connect_provider]
approval_mode = "approve"
\`\`\`

**Its model service refuses the schemas.** Every input schema is held to the keywords that Gemini, OpenAI and Anthropic take.

**It fills in what it leaves out, or writes values as text.** \`null\` and \`""\` for an optional argument are absent; \`"5"\`, \`"false"\`,
\`"[1]"\` and \`"{}"\` are those values where a tool takes one. A text that is wanted as text stays as it is.
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
    HELP,
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
