/** Checks resources against the CloudFormation schemas that AWS publishes: names, required properties, types, enums. */
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';

type Spec = Awaited<ReturnType<typeof loadAwsServiceSpec>>;
type SpecResource = Extract<
  ReturnType<Spec['all']>[number],
  { readonly cloudFormationType: string; readonly properties: object }
>;
type Properties = SpecResource['properties'];
type PropertyType = Properties[string]['type'];

let loading: Promise<Spec> | undefined;

export async function serviceSpec(): Promise<Spec> {
  loading ??= loadAwsServiceSpec();
  return loading;
}

export interface CheckedResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** One line for every finding, sorted. */
export async function cloudFormationProblems(
  resources: Readonly<Record<string, CheckedResource>>,
): Promise<readonly string[]> {
  const spec = await serviceSpec();
  const problems: string[] = [];
  for (const [id, { Type, Properties = {} }] of Object.entries(resources)) {
    const [found] = spec.lookup('resource', 'cloudFormationType', 'equals', Type);
    if (found === undefined) problems.push(`${id}: ${Type} is not a resource type`);
    else checkObject(spec, id, Type, found.properties, Properties, problems);
  }
  return problems.toSorted();
}

/** Whether CloudFormation replaces a resource when one of its properties changes. */
export function causesReplacement(spec: Spec): (type: string, property: string) => boolean {
  return (type, property) => {
    const [found] = spec.lookup('resource', 'cloudFormationType', 'equals', type);
    const says = found?.properties[property]?.causesReplacement;
    return says === 'yes' || says === 'maybe';
  };
}

function checkObject(
  spec: Spec,
  path: string,
  owner: string,
  known: Properties,
  given: Readonly<Record<string, unknown>>,
  problems: string[],
): void {
  for (const [name, property] of Object.entries(known))
    if (property.required === true && given[name] === undefined) problems.push(`${path}.${name} is required`);
  for (const [name, value] of Object.entries(given)) {
    const property = known[name];
    if (property === undefined) problems.push(`${path}.${name} is not a property of ${owner}`);
    else checkValue(spec, `${path}.${name}`, property.type, value, problems);
  }
}

function checkValue(spec: Spec, path: string, type: PropertyType, value: unknown, problems: string[]): void {
  if (isIntrinsic(value)) return;
  switch (type.type) {
    case 'array':
      if (!Array.isArray(value)) problems.push(`${path} is a ${typeof value}, not array`);
      else
        for (const [i, element] of value.entries()) checkValue(spec, `${path}.${i}`, type.element, element, problems);
      return;
    case 'map':
      for (const [key, element] of Object.entries(value as object))
        checkValue(spec, `${path}.${key}`, type.element, element, problems);
      return;
    case 'ref': {
      const definition = spec.get('typeDefinition', type.reference);
      checkObject(spec, path, definition.name, definition.properties, value as Record<string, unknown>, problems);
      return;
    }
    case 'union':
      checkUnion(spec, path, type.types, value, problems);
      return;
    case 'json':
    case 'tag':
    case 'date-time':
    case 'null':
      return;
    default:
      checkScalar(path, type, value, problems);
  }
}

function checkUnion(
  spec: Spec,
  path: string,
  types: readonly PropertyType[],
  value: unknown,
  problems: string[],
): void {
  const outcomes = types.map((type) => {
    const found: string[] = [];
    checkValue(spec, path, type, value, found);
    return found;
  });
  if (outcomes.every((found) => found.length > 0)) problems.push(...(outcomes[0] ?? []));
}

function checkScalar(path: string, type: PropertyType, value: unknown, problems: string[]): void {
  const wanted = type.type === 'integer' ? 'number' : type.type;
  if (typeof value !== wanted) {
    problems.push(`${path} is a ${typeof value}, not ${type.type}`);
    return;
  }
  const allowed = 'allowedValues' in type ? (type.allowedValues as readonly unknown[] | undefined) : undefined;
  if (allowed !== undefined && !allowed.includes(value))
    problems.push(`${path} is ${JSON.stringify(value)}, not one of ${allowed.map(String).toSorted().join(', ')}`);
}

/** `{ Ref }` and `{ Fn::… }` are filled in at deployment. */
function isIntrinsic(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const [key = '', ...rest] = Object.keys(value);
  return rest.length === 0 && (key === 'Ref' || key.startsWith('Fn::'));
}
