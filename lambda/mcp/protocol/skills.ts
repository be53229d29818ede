/**
 * The Skills extension (SEP-2640): one skill per provider and category, shown to tenants that have the provider
 * connected. Entries and digests are rendered at build time.
 */
import { SkillsExtension, type SkillSource } from '@modelcontextprotocol/server/ext/skills';
import type { SkillFile } from '../request/manifest.ts';
import type { CallContext } from '../request/call-context.ts';

const SKILL_TTL_MS = 300_000;

/** A source for one session: what is listed depends on the tenant's connections. */
export function skillsFor(context: CallContext): SkillsExtension {
  const { skills, connections } = context.deps;
  const byUri = new Map(skills.map((skill) => [skill.entry.uri, skill]));
  const visible = async (): Promise<readonly SkillFile[]> => {
    const connected = new Set((await connections.list(context.principal.tenant)).map(({ provider }) => provider));
    return skills.filter(({ provider }) => connected.has(provider));
  };
  const find = async (uri: string): Promise<SkillFile | undefined> => {
    const skill = byUri.get(uri as SkillFile['entry']['uri']);
    return skill === undefined || !(await visible()).includes(skill) ? undefined : skill;
  };
  const source: SkillSource = {
    list: async () => ({ skills: (await visible()).map(({ entry }) => entry) }),
    get: async (uri) => (await find(uri))?.entry,
    read: async (uri) => {
      const skill = await find(uri);
      return skill === undefined ? undefined : { text: skill.text, mimeType: 'text/markdown' };
    },
    listResources: async () =>
      (await visible()).map(({ entry, title, description }) => ({
        uri: entry.uri,
        name: entry.uri.replace(/^skill:\/\//, '').replace(/\/SKILL\.md$/, ''),
        title,
        description,
        mimeType: 'text/markdown',
      })),
  };
  return new SkillsExtension({
    source,
    cacheHint: { ttlMs: SKILL_TTL_MS, cacheScope: 'private' },
    onWarning: () => undefined,
  });
}
