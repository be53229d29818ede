/** Everything the laptop serves, read from a cloud assembly. */
import type { Role } from '../iam/authorize.ts';
import type { KmsKey } from '../kms/kms.ts';
import { restApi, type ApiModel } from './api-model.ts';
import { readAssembly } from './assembly.ts';
import { kmsKeys, roles, tables, type TableModel } from './data-model.ts';
import { functions, type FunctionModel } from './function-model.ts';
import { LAPTOP, type Place } from './physical.ts';
import { resolveTemplates } from './resolve.ts';
import { schedules, type ScheduleModel } from './schedule-model.ts';

export interface Model {
  readonly place: Place;
  readonly tables: readonly TableModel[];
  readonly keys: readonly KmsKey[];
  readonly roles: ReadonlyMap<string, Role>;
  readonly functions: readonly FunctionModel[];
  readonly api: ApiModel;
  readonly schedules: readonly ScheduleModel[];
  /** Name of the function that mints the first operator key; undefined when the template has none. */
  readonly bootstrapFunction: string | undefined;
}

/** Throws when the assembly holds something the laptop cannot serve as declared. */
export function readModel(assemblyFolder: string, place: Place = LAPTOP): Model {
  const templates = resolveTemplates(readAssembly(assemblyFolder), place);
  const known = roles(templates);
  const declared = functions(templates, known);
  const bootstrap = templates.output('BootstrapFunctionName');
  return {
    place,
    tables: tables(templates),
    keys: kmsKeys(templates),
    roles: known,
    functions: declared,
    api: restApi(templates, place),
    schedules: schedules(
      templates,
      declared.map(({ arn }) => arn),
    ),
    bootstrapFunction: typeof bootstrap === 'string' ? bootstrap : undefined,
  };
}
