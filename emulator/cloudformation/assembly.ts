/**
 * A cloud assembly as `cdk synth` writes it: the stacks in order, each with its template and the folders of its
 * assets. Only files are read; nothing is interpreted here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      displayName: z.string().optional(),
      properties: z.looseObject({ templateFile: z.string().optional(), stackName: z.string().optional() }).optional(),
    }),
  ),
});

const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.unknown() }).optional() }))
    .default({}),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
});

const Assets = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional(), packaging: z.string().optional() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

export type Template = z.infer<typeof Template>;

export interface Stack {
  readonly name: string;
  readonly template: Template;
  /** Folders by the object key that a function's `Code.S3Key` names. */
  readonly assets: ReadonlyMap<string, string>;
}

/** Throws with what to do when the folder holds no readable assembly. */
export function readAssembly(folder: string): readonly Stack[] {
  const { artifacts } = Manifest.parse(readJson(join(folder, 'manifest.json')));
  const stacks = Object.entries(artifacts).flatMap(([id, { type, properties }]) =>
    type === 'aws:cloudformation:stack' && properties?.templateFile !== undefined
      ? [{ name: properties.stackName ?? id, templateFile: properties.templateFile }]
      : [],
  );
  if (stacks.length === 0) throw new Error(`${folder} holds no stack. Delete it and start again.`);
  return stacks.map(({ name, templateFile }) => ({
    name,
    template: Template.parse(readJson(join(folder, templateFile))),
    assets: readAssets(folder, templateFile.replace(/\.template\.json$/, '.assets.json')),
  }));
}

function readAssets(folder: string, file: string): ReadonlyMap<string, string> {
  const { files } = Assets.parse(readJson(join(folder, file)));
  return new Map(
    Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }): [string, string] => [
        objectKey,
        join(folder, source.path ?? ''),
      ]),
    ),
  );
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The synthesized template cannot be read (${why}). Delete the folder and start again.`);
  }
}
