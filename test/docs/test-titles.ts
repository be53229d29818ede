/**
 * The names of all tests, read from their sources: what `docs/security.md` may promise. A skipped test is none, and a
 * title that is made of parts is left out, because nobody can read it in the source.
 */
import { parseSync } from '@swc/core';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PROJECT_ROOT } from '../../lib/project.ts';

export interface TestTitle {
  /** From the project's folder. */
  readonly file: string;
  /** The titles of the blocks around it and its own, as jest prints them. */
  readonly name: string;
  readonly own: string;
}

type Node = Readonly<Record<string, unknown>>;

export function testTitles(): readonly TestTitle[] {
  return testFiles(join(PROJECT_ROOT, 'test')).flatMap((path) => {
    const file = relative(PROJECT_ROOT, path);
    return titlesIn(readFileSync(path, 'utf8')).map((title) => ({ ...title, file }));
  });
}

/** As docs/security.md writes it: a capital first and a full stop. */
export function asSentence(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}.`;
}

/** As jest finds them: a folder of a client under test may hold packages with tests of their own. */
function testFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(join(folder, entry.name));
    return entry.name.endsWith('.test.ts') ? [join(folder, entry.name)] : [];
  });
}

/** The tests in one source. */
export function titlesIn(source: string): readonly Omit<TestTitle, 'file'>[] {
  return visit(parseSync(source, { syntax: 'typescript', target: 'es2022' }) as unknown as Node, []);
}

function visit(value: unknown, around: readonly string[]): readonly Omit<TestTitle, 'file'>[] {
  if (Array.isArray(value)) return value.flatMap((entry) => visit(entry, around));
  if (typeof value !== 'object' || value === null) return [];
  const node = value as Node;
  const called = node.type === 'CallExpression' ? runner(node.callee as Node) : undefined;
  if (called === undefined) return Object.values(node).flatMap((child) => visit(child, around));
  if (called === 'skipped') return [];
  const [title, ...rest] = (node.arguments as readonly { expression: Node }[]).map(({ expression }) => expression);
  const own = textOf(title);
  if (called === 'describe') return visit(rest, own === undefined ? around : [...around, own]);
  const name = [...around, own].join(' ');
  return own === undefined || name.includes('%') ? [] : [{ name, own }];
}

/** `describe`, `it` and `test`, with and without `.each(...)`; undefined for every other call. */
function runner(callee: Node): 'describe' | 'test' | 'skipped' | undefined {
  if (callee.type === 'CallExpression') {
    const each = callee.callee as Node;
    return each.type === 'MemberExpression' && nameOf(each.property) === 'each'
      ? runner(each.object as Node)
      : undefined;
  }
  const name = nameOf(callee.type === 'MemberExpression' ? callee.object : callee);
  if (name !== 'describe' && name !== 'it' && name !== 'test') return undefined;
  if (callee.type !== 'MemberExpression') return name === 'describe' ? 'describe' : 'test';
  return ['skip', 'todo', 'failing'].includes(nameOf(callee.property) ?? '') ? 'skipped' : undefined;
}

function nameOf(node: unknown): string | undefined {
  const { type, value } = node as Node;
  return type === 'Identifier' && typeof value === 'string' ? value : undefined;
}

function textOf(node: Node | undefined): string | undefined {
  if (node?.type === 'StringLiteral') return String(node.value);
  const [only, ...more] = node?.type === 'TemplateLiteral' ? (node.quasis as readonly { cooked: string }[]) : [];
  return more.length === 0 ? only?.cooked : undefined;
}
