import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/project.ts';
import { SITUATIONS } from '../clients/agents/agent.ts';
import { AGENTS } from '../clients/agents/visit-agents.ts';
import type { Lockfile } from '../../lib/build/lockfile.ts';
import { readPage, section, tableRows } from './markdown.ts';

const lockText = readFileSync(join(PROJECT_ROOT, 'test/clients/package-lock.json'), 'utf8');
const { packages } = JSON.parse(lockText) as Lockfile;
const agentsPart = readPage('docs/clients.md').split('<!-- begin agents -->')[1]?.split('<!-- end agents -->')[0] ?? '';
const NAMES = [
  'Claude Code',
  'Codex',
  'Gemini CLI',
  'LangChain',
  'Mastra',
  'OpenAI Agents',
  'AI SDK',
  'mcp-use',
  'mcp-remote',
];

describe('docs/clients.md', () => {
  it('has nine agents, each with what it shows in each of the six situations', () => {
    expect(SITUATIONS).toEqual(['401', '403', '429', 'isError', 'cancel', 'after connecting']);
    expect(agentsPart.trim().split('\n')[0]).toBe(`| agent | version | ${SITUATIONS.join(' | ')} |`);
    const rows = tableRows(agentsPart);
    expect(rows.map(([name]) => name)).toEqual(NAMES);
    for (const row of rows) {
      expect(row).toHaveLength(SITUATIONS.length + 2);
      for (const cell of row) expect(cell).not.toBe('');
    }
  });

  it('names the versions of the agents that are in the lockfile of the clients', () => {
    expect(tableRows(agentsPart).map(([name, version]) => [name, version])).toEqual(
      AGENTS.map(({ name, packageName }) => [
        name,
        `${packageName} ${packages[`node_modules/${packageName}`]?.version ?? ''}`,
      ]),
    );
  });

  it.each(AGENTS)('has the configuration of $name, with the key as $auth', ({ name, auth, setup }) => {
    const part = section(agentsPart, name);
    expect(part).toContain(setup.join('\n'));
    expect(part).toMatch(auth === 'Bearer' ? /bearer/i : /X-API-Key/);
  });

  it('gives the key as Bearer to those that take any other header for an invitation to OAuth', () => {
    expect(AGENTS.filter(({ auth }) => auth === 'Bearer').map(({ name }) => name)).toEqual(['Claude Code', 'Codex']);
  });
});

describe('the lockfile of the clients', () => {
  it('pins every package by its content and names no registry', () => {
    // What a package brings in its own archive is pinned with it.
    const unpinned = Object.entries(packages).filter(
      ([place, entry]) => place !== '' && !Object.hasOwn(entry, 'integrity') && !Object.hasOwn(entry, 'inBundle'),
    );
    expect(unpinned.map(([place]) => place)).toEqual([]);
    expect(lockText).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
  });
});
