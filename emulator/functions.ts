/** Every function of the template with its processes, by ARN. */
import type { LocalAws } from './aws-services.ts';
import { createStartInTurn } from './lambda/capacity.ts';
import { functionEnvironment } from './lambda/function-environment.ts';
import { createFunctionHost, type FunctionHost } from './lambda/function-host.ts';
import type { FunctionModel } from './cloudformation/function-model.ts';
import type { Model } from './cloudformation/model.ts';

export interface Functions {
  /** Throws when the template has no such function. */
  readonly get: (arn: string) => FunctionHost;
  /** Starts what every request needs: authorizers, and the functions that stream. */
  readonly warm: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export function createFunctions(
  model: Model,
  deps: {
    readonly aws: LocalAws;
    readonly node: string;
    /** Folders to run functions from instead of the assembly's, by logical id or its start. */
    readonly code: Readonly<Record<string, string>>;
    /** Variables that are others here than in the template, by logical id or its start. */
    readonly variables: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly routes: Readonly<Record<string, string>>;
    readonly system: Readonly<Record<string, string>>;
    /** Of each function; as many as there is memory for when left out. */
    readonly maxEnvironments: number | undefined;
    readonly freeze: boolean;
    readonly onLine: (functionName: string, line: string) => void;
    readonly clock: () => number;
  },
): Functions {
  const { aws, node, routes, system, maxEnvironments, freeze, clock } = deps;
  const startInTurn = createStartInTurn();
  const hosts = new Map(
    model.functions.map((declared) => {
      const fn = { ...declared, variables: variablesOf(declared, deps.variables) };
      const host = createFunctionHost({
        name: fn.name,
        arn: fn.arn,
        node,
        taskRoot: codeOf(fn, deps.code),
        environmentVariables: () =>
          functionEnvironment(fn, { place: model.place, credentials: aws.credentials, awsEndpoint: aws.url, system }),
        memoryMb: fn.memoryMb,
        timeoutMs: fn.timeoutMs,
        routes,
        maxEnvironments: fn.reservedConcurrency ?? maxEnvironments,
        startInTurn,
        freeze,
        onLine: (line) => deps.onLine(fn.name, line),
        clock,
      });
      return [fn.arn, host] as const;
    }),
  );
  const get = (arn: string): FunctionHost => {
    const host = hosts.get(arn);
    if (host === undefined) throw new Error(`The template holds no function ${arn}.`);
    return host;
  };
  return {
    get,
    warm: async () => void (await Promise.all(warmed(model).map(([arn, environments]) => get(arn).warm(environments)))),
    stop: async () => void (await Promise.all([...hosts.values()].map((host) => host.stop()))),
  };
}

/** Only what the template declares can be another value here: a function gets no variable that it does not have there. */
function variablesOf(
  { logicalId, variables }: FunctionModel,
  instead: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Readonly<Record<string, string>> {
  const own = Object.entries(instead).find(([id]) => logicalId.startsWith(id))?.[1] ?? {};
  return {
    ...variables,
    ...Object.fromEntries(Object.entries(own).filter(([name]) => Object.hasOwn(variables, name))),
  };
}

function codeOf({ logicalId, code }: FunctionModel, instead: Readonly<Record<string, string>>): string {
  return Object.entries(instead).find(([id]) => logicalId.startsWith(id))?.[1] ?? code;
}

/**
 * What every request needs, with how many environments. A function that streams waits for others, so a second one is
 * there for whoever comes while the first is held.
 */
function warmed({ api }: Model): readonly (readonly [string, number])[] {
  const environments = api.methods.flatMap(({ authorizerArn, integration }) => [
    ...(authorizerArn === undefined ? [] : [[authorizerArn, 1] as const]),
    ...(integration.Type === 'AWS_PROXY' && integration.stream ? [[integration.functionArn, 2] as const] : []),
  ]);
  return [...new Map(environments)];
}
