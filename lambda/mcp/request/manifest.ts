/** What the build renders beside the bundle: read once at start, never computed per request. */
import type { Skill } from '@modelcontextprotocol/server/ext/skills';
import type { Catalog, ToolDefinition } from '../../../core/catalog/catalog.ts';
import type { SearchIndex } from '../../../core/catalog/search.ts';

/** One provider category's skill as the Skills extension serves it. */
export interface SkillFile {
  readonly provider: string;
  readonly title: string;
  readonly description: string;
  /** Digests and sizes, made from `text`. */
  readonly entry: Skill;
  /** The whole of SKILL.md. */
  readonly text: string;
}

export interface Manifest {
  readonly version: string;
  readonly catalog: Catalog;
  readonly systemTools: readonly ToolDefinition[];
  readonly skills: readonly SkillFile[];
  /** Of `catalog`; read on the first search. */
  readonly search: SearchIndex;
}

/** The text is our own build's, in the same deployment package; it is trusted as the code is. */
export function readManifest(text: string): Manifest {
  return JSON.parse(text) as Manifest;
}
