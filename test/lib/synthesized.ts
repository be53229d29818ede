/**
 * The templates that the tests of this folder look at, synthesized once per test file from empty bundles: no build is
 * needed, and an asset's hash never depends on the functions' code.
 */
import { afterAll } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeployConfigInput } from '../../lib/deploy-config.ts';
import { FUNCTIONS } from '../../lib/functions.ts';
import { DATA_STACK, SERVICE_STACK, stackName, synthesize } from '../../lib/app.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface TemplateJson {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface Synthesized {
  readonly data: TemplateJson;
  readonly service: TemplateJson;
}

const scratchFolders: string[] = [];
afterAll(() => {
  for (const folder of scratchFolders) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that is gone after the test file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'allmcp-test-'));
  scratchFolders.push(folder);
  return folder;
}

/** A folder of bundles that do nothing. */
export function emptyBundles(): string {
  const folder = scratchFolder();
  for (const name of FUNCTIONS) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'index.mjs'), 'export const handler = () => undefined;\n');
  }
  return folder;
}

export function synthesized(config: DeployConfigInput = {}, checks = false): Synthesized {
  const assembly = synthesize(scratchFolder(), { config, bundles: emptyBundles(), checks });
  const template = (stack: string): TemplateJson =>
    JSON.parse(readFileSync(assembly.getStackByName(stack).templateFullPath, 'utf8')) as TemplateJson;
  return {
    data: template(stackName(DATA_STACK, config.name)),
    service: template(stackName(SERVICE_STACK, config.name)),
  };
}

/** Resources of one type, with their logical ids. */
export function resources(template: TemplateJson, type: string): readonly (readonly [string, Resource])[] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** The asset hashes are those of the empty bundles; masked, a snapshot says nothing about the machine that made it. */
export function masked(template: TemplateJson): unknown {
  return JSON.parse(JSON.stringify(template).replaceAll(/[0-9a-f]{64}\.zip/g, 'ASSET.zip'));
}
