/**
 * CloudFormation intrinsics, resolved the way a deployment would. Invariant: an intrinsic that is not known, or names
 * something that is not there, is an error; nothing is left unresolved or guessed.
 */
import type { Stack } from './assembly.ts';
import { attributeOf, refOf, stackId, type Named, type Place } from './physical.ts';

export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly ref: string;
  readonly arn: () => string;
  /** All properties, resolved. */
  readonly properties: () => unknown;
  readonly property: (name: string) => unknown;
}

export interface ResolvedTemplates {
  /** Every resource of these types, over all stacks. */
  readonly ofType: (...types: readonly string[]) => readonly Resource[];
  /** The value of an output, whichever stack has it. */
  readonly output: (name: string) => unknown;
  /** Folder of an asset by its object key. */
  readonly asset: (objectKey: string) => string | undefined;
}

type Intrinsic = (stack: Stack, argument: unknown) => unknown;

export function resolveTemplates(stacks: readonly Stack[], place: Place): ResolvedTemplates {
  const intrinsics: Readonly<Record<string, Intrinsic>> = {
    Ref: (stack, name) => reference(stack, String(name)),
    'Fn::GetAtt': (stack, argument) => {
      const [logicalId = '', attribute = ''] =
        typeof argument === 'string' ? argument.split(/\.(.*)/) : texts(stack, argument);
      return attributeOf(named(stack, logicalId), attribute, place);
    },
    'Fn::Join': (stack, argument) => {
      const [separator, parts] = pair(stack, argument);
      return (parts as readonly string[]).join(String(separator));
    },
    'Fn::Select': (stack, argument) => {
      const [index, parts] = pair(stack, argument);
      const chosen = (parts as readonly unknown[])[Number(index)];
      if (chosen === undefined) throw new Error('Fn::Select names an element that is not there.');
      return chosen;
    },
    'Fn::Split': (stack, argument) => {
      const [separator, text] = pair(stack, argument);
      return String(text).split(String(separator));
    },
    'Fn::Sub': (stack, argument) => substitute(stack, argument),
    'Fn::ImportValue': (_stack, name) => imported(String(name)),
  };

  function resolve(stack: Stack, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => resolve(stack, item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name = '', argument] = entries[0] ?? [];
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
      const intrinsic = intrinsics[name];
      if (intrinsic === undefined)
        throw new Error(`The laptop runtime does not know ${name}, which ${stack.name} uses.`);
      return intrinsic(stack, argument);
    }
    return Object.fromEntries(entries.map(([key, item]) => [key, resolve(stack, item)]));
  }

  function reference(stack: Stack, name: string): unknown {
    if (Object.hasOwn(stack.template.Resources, name)) return refOf(named(stack, name), place);
    const parameter = stack.template.Parameters[name];
    if (parameter?.Default !== undefined) return parameter.Default;
    const pseudo: Readonly<Record<string, string>> = {
      'AWS::AccountId': place.account,
      'AWS::Region': place.region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack.name,
      'AWS::StackId': stackId(stack.name, place),
    };
    const value = pseudo[name];
    if (value === undefined) throw new Error(`${stack.name} refers to ${name}, which is not there.`);
    return value;
  }

  function named(stack: Stack, logicalId: string): Named {
    const resource = stack.template.Resources[logicalId];
    if (resource === undefined) throw new Error(`${stack.name} refers to ${logicalId}, which is not there.`);
    const property = (name: string): unknown => resolve(stack, resource.Properties[name]);
    return { stack: stack.name, logicalId, type: resource.Type, property };
  }

  function imported(name: string): unknown {
    for (const stack of stacks)
      for (const { Value, Export } of Object.values(stack.template.Outputs))
        if (Export !== undefined && resolve(stack, Export.Name) === name) return resolve(stack, Value);
    throw new Error(`No stack exports ${name}.`);
  }

  function substitute(stack: Stack, argument: unknown): string {
    const [text, own] = typeof argument === 'string' ? [argument, {}] : pair(stack, argument);
    return String(text).replaceAll(/\$\{([^!][^}]*)\}/g, (_found, name: string) => {
      if (Object.hasOwn(own as object, name)) return String((own as Record<string, unknown>)[name]);
      if (!name.includes('.')) return String(reference(stack, name));
      const [logicalId = '', attribute = ''] = name.split(/\.(.*)/);
      return attributeOf(named(stack, logicalId), attribute, place);
    });
  }

  function pair(stack: Stack, argument: unknown): readonly [unknown, unknown] {
    const parts = resolve(stack, argument);
    if (!Array.isArray(parts) || parts.length !== 2) throw new Error(`${stack.name} holds a malformed intrinsic.`);
    return [parts[0], parts[1]];
  }

  function texts(stack: Stack, argument: unknown): readonly string[] {
    return pair(stack, argument).map(String);
  }

  return {
    ofType: (...types) =>
      stacks.flatMap((stack) =>
        Object.entries(stack.template.Resources)
          .filter(([, { Type }]) => types.includes(Type))
          .map(([logicalId, source]): Resource => {
            const it = named(stack, logicalId);
            return {
              stack: stack.name,
              logicalId,
              type: source.Type,
              ref: refOf(it, place),
              arn: () => attributeOf(it, 'Arn', place),
              properties: () => resolve(stack, source.Properties),
              property: it.property,
            };
          }),
      ),
    output: (name) => {
      const stack = stacks.find(({ template }) => Object.hasOwn(template.Outputs, name));
      return stack === undefined ? undefined : resolve(stack, stack.template.Outputs[name]?.Value);
    },
    asset: (objectKey) => stacks.map(({ assets }) => assets.get(objectKey)).find((folder) => folder !== undefined),
  };
}
