/** Every function of the template with its processes, by ARN. */
import type { LocalAws } from './aws-services.ts';
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
    readonly routes: Readonly<Record<string, string>>;
    readonly system: Readonly<Record<string, string>>;
    readonly maxEnvironments: number;
    readonly freeze: boolean;
    readonly onLine: (functionName: string, line: string) => void;
    readonly clock: () => number;
  },
): Functions {
  const { aws, node, routes, system, maxEnvironments, freeze, clock } = deps;
  const hosts = new Map(
    model.functions.map((fn) => {
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
        maxEnvironments,
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
    warm: async () => void (await Promise.all(warmArns(model).map((arn) => get(arn).warm()))),
    stop: async () => void (await Promise.all([...hosts.values()].map((host) => host.stop()))),
  };
}

function codeOf({ logicalId, code }: FunctionModel, instead: Readonly<Record<string, string>>): string {
  return Object.entries(instead).find(([id]) => logicalId.startsWith(id))?.[1] ?? code;
}

function warmArns({ api }: Model): readonly string[] {
  const arns = api.methods.flatMap(({ authorizerArn, integration }) => [
    ...(authorizerArn === undefined ? [] : [authorizerArn]),
    ...(integration.Type === 'AWS_PROXY' && integration.stream ? [integration.functionArn] : []),
  ]);
  return [...new Set(arns)];
}
