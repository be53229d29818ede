/**
 * `$context.…` variables in gateway responses, mock templates and the access log. Plain substitution, as API Gateway
 * does it: nothing is escaped, so a template that pastes free text into JSON breaks here as it does there.
 */
export type Variables = Readonly<Record<string, string | undefined>>;

const VARIABLE = /\$context\.[A-Za-z0-9_.-]*[A-Za-z0-9_]|\$\{context\.[A-Za-z0-9_.-]+\}/g;

/** A variable without a value becomes `absent`. */
export function render(template: string, variables: Variables, absent = ''): string {
  return template.replaceAll(VARIABLE, (found) => {
    const name = found.replace(/^\$\{?context\./, '').replace(/\}$/, '');
    return variables[name] ?? absent;
  });
}

/** Throws for a template that needs more than variables: it would be sent out unprocessed. */
export function checkTemplate(template: string, where: string): void {
  const rest = template.replaceAll(VARIABLE, '');
  const found = /\$[{!]?[a-zA-Z]|#(set|if|foreach|end|else|macro)\b/.exec(rest);
  if (found !== null) throw new Error(`${where} uses ${found[0]}…; the laptop runtime knows $context variables only.`);
}

/** The request's part of the variables, flattened: `identity.sourceIp`, `authorizer.keyId`, … */
export function flatten(context: object, prefix = ''): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [key, value] of Object.entries(context) as [string, unknown][]) {
    if (value === null || value === undefined) continue;
    if (typeof value === 'object') Object.assign(flat, flatten(value, `${prefix}${key}.`));
    else flat[`${prefix}${key}`] = String(value as string | number | boolean);
  }
  return flat;
}
