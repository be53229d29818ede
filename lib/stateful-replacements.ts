/**
 * Compares two versions of a template and names every resource whose data an upgrade would lose: one that holds state
 * and is renamed, removed, turned into another type, or changed in a property that CloudFormation replaces it for.
 */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>> | undefined;
}

export interface ResourceTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

export interface StatefulReplacement {
  readonly logicalId: string;
  readonly type: string;
  readonly why: string;
}

/** Types whose instances cannot be made again from the template. */
export const STATEFUL_TYPES: ReadonlySet<string> = new Set([
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::KMS::Key',
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

function changedProperties(old: TemplateResource, now: TemplateResource): readonly string[] {
  const [a, b] = [old.Properties ?? {}, now.Properties ?? {}];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]),
  );
}
