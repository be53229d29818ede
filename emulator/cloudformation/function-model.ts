/** The functions as the template declares them, with the folder of each bundle. */
import { z } from 'zod';
import type { Role } from '../iam/authorize.ts';
import type { ResolvedTemplates } from './resolve.ts';

export interface FunctionModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** Folder of the bundle. */
  readonly code: string;
  readonly handler: string;
  /** e.g. `nodejs24.x`. */
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** The most environments it may have at the same time; undefined for no limit of its own. */
  readonly reservedConcurrency: number | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly logGroup: string;
  readonly logFormat: 'Text' | 'JSON';
}

const Function = z.looseObject({
  Code: z.looseObject({ S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string().startsWith('nodejs'),
  MemorySize: z.number().default(128),
  Timeout: z.number().default(3),
  Role: z.string(),
  ReservedConcurrentExecutions: z.int().positive().optional(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()).default({}) }).default({ Variables: {} }),
  LoggingConfig: z
    .looseObject({ LogGroup: z.string().optional(), LogFormat: z.enum(['Text', 'JSON']).default('Text') })
    .default({ LogFormat: 'Text' }),
  Layers: z.array(z.unknown()).max(0, 'layers are not served').optional(),
});

export function functions(templates: ResolvedTemplates, roles: ReadonlyMap<string, Role>): readonly FunctionModel[] {
  return templates.ofType('AWS::Lambda::Function').map((resource) => {
    const parsed = Function.safeParse(resource.properties());
    if (!parsed.success)
      throw new Error(`The laptop runtime cannot serve ${resource.logicalId}: ${z.prettifyError(parsed.error)}`);
    const fn = parsed.data;
    const code = templates.asset(fn.Code.S3Key);
    if (code === undefined) throw new Error(`The bundle of ${resource.logicalId} is not part of the assembly.`);
    const role = roles.get(fn.Role);
    if (role === undefined)
      throw new Error(`The role of ${resource.logicalId} is not in the template, or has policies from elsewhere.`);
    if (
      !role.trust.statements.some(
        (s) => s.effect === 'Allow' && s.principals?.services.includes('lambda.amazonaws.com'),
      )
    )
      throw new Error(`Lambda may not assume the role of ${resource.logicalId}.`);
    return {
      logicalId: resource.logicalId,
      name: resource.ref,
      arn: resource.arn(),
      code,
      handler: fn.Handler,
      runtime: fn.Runtime,
      memoryMb: fn.MemorySize,
      timeoutMs: fn.Timeout * 1000,
      reservedConcurrency: fn.ReservedConcurrentExecutions,
      variables: fn.Environment.Variables,
      roleArn: fn.Role,
      logGroup: fn.LoggingConfig.LogGroup ?? `/aws/lambda/${resource.ref}`,
      logFormat: fn.LoggingConfig.LogFormat,
    };
  });
}
