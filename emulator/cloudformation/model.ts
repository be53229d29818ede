/** Everything that is served, read from a cloud assembly. */
import type { Role } from '../iam/authorize.ts';
import type { KmsKey } from '../kms/kms.ts';
import { restApi, type ApiModel } from './api-model.ts';
import { readAssembly } from './assembly.ts';
import { kmsKeys, roles, tables, type TableModel } from './data-model.ts';
import { functions, type FunctionModel } from './function-model.ts';
import { EMULATED_PLACE, type Place } from './physical.ts';
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
  /** The value of an output of the template; undefined when it has none of that name. */
  readonly output: (name: string) => string | undefined;
}

/** Throws when the assembly holds something the laptop cannot serve as declared. */
export function readModel(assemblyFolder: string, place: Place = EMULATED_PLACE): Model {
  const templates = resolveTemplates(readAssembly(assemblyFolder), place);
  const known = roles(templates);
  const declared = functions(templates, known);
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
    output: (name) => {
      const value = templates.output(name);
      return typeof value === 'string' ? value : undefined;
    },
  };
}
