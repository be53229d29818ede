/**
 * Compares two versions of the templates and names what an upgrade would lose or fail at: a resource that holds state and is
 * renamed, removed, turned into another type, or changed in a property that CloudFormation replaces it for; and an export
 * that the deployed service still imports when the data stack, which is deployed first, takes it away.
 */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>> | undefined;
}

export interface ResourceTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, unknown>> | undefined;
}

export interface StatefulReplacement {
  readonly logicalId: string;
  readonly type: string;
  readonly why: string;
}

/** Types whose instances cannot be made again from the template, and roles: the key's policy and sessions hold their names. */
export const STATEFUL_TYPES: ReadonlySet<string> = new Set([
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::KMS::Key',
  'AWS::IAM::Role',
  'AWS::Logs::LogGroup',
  'AWS::Cognito::UserPool',
]);

/** Fixed at creation although the CloudFormation schema does not say so. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
};

/**
 * @param causesReplacement whether CloudFormation replaces a resource of `type` when `property` changes, from its schema.
 */
export function statefulReplacements(
  before: ResourceTemplate,
  after: ResourceTemplate,
  causesReplacement: (type: string, property: string) => boolean,
): readonly StatefulReplacement[] {
  const found: StatefulReplacement[] = [];
  for (const [logicalId, old] of Object.entries(before.Resources)) {
    if (!STATEFUL_TYPES.has(old.Type)) continue;
    const now = after.Resources[logicalId];
    const add = (why: string): void => {
      found.push({ logicalId, type: old.Type, why });
    };
    if (now === undefined) add('is gone');
    else if (now.Type !== old.Type) add(`becomes ${now.Type}`);
    else
      for (const property of changedProperties(old, now))
        if (causesReplacement(old.Type, property) || (FIXED[old.Type] ?? []).includes(property))
          add(`${property} changes`);
  }
  return found;
}

/**
 * @param service the deployed service, which imports from `before`.
 * @returns the names of its imports that `after` exports no more, or with another value.
 */
export function lostExports(
  before: ResourceTemplate,
  after: ResourceTemplate,
  service: ResourceTemplate,
): readonly string[] {
  const [old, now] = [exportsOf(before), exportsOf(after)];
  return importsOf(service).filter((name) => now.get(name) === undefined || now.get(name) !== old.get(name));
}

/** Values as JSON by the name they are exported under. */
function exportsOf({ Outputs = {} }: ResourceTemplate): ReadonlyMap<string, string> {
  return new Map(
    Object.values(Outputs).flatMap((output) => {
      const { Export, Value } = output as { Export?: { Name?: unknown }; Value?: unknown };
      return typeof Export?.Name === 'string' ? [[Export.Name, JSON.stringify(Value)] as const] : [];
    }),
  );
}

function importsOf(template: ResourceTemplate): readonly string[] {
  const found = [...JSON.stringify(template).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].flatMap(
    ([, name]) => name ?? [],
  );
  return [...new Set(found)].toSorted();
}

function changedProperties(old: TemplateResource, now: TemplateResource): readonly string[] {
  const [a, b] = [old.Properties ?? {}, now.Properties ?? {}];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]),
  );
}
