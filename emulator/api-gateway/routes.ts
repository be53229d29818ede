/** Which method of the API answers a request: the most specific resource, then its method, then its `ANY`. */
import type { MethodModel } from '../cloudformation/api-model.ts';

export interface GatewayRoute {
  readonly method: MethodModel;
  /** Percent-decoded; null when the path has no parameters, as in the event. */
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

/** Undefined for a path or method the API does not have. */
export function findRoute(methods: readonly MethodModel[], httpMethod: string, path: string): GatewayRoute | undefined {
  // A trailing slash names the same resource.
  const segments = path.split('/').slice(1);
  if (segments.length > 1 && segments.at(-1) === '') segments.pop();
  const matches = [...new Set(methods.map((method) => method.path))]
    .map((template) => ({ template, match: matchPath(template, segments) }))
    .filter((one) => one.match !== undefined)
    .toSorted((a, b) => ((a.match?.rank ?? '') < (b.match?.rank ?? '') ? -1 : 1));
  const [best] = matches;
  if (best?.match === undefined) return undefined;
  const own = methods.filter((method) => method.path === best.template);
  const method = own.find((one) => one.httpMethod === httpMethod) ?? own.find((one) => one.httpMethod === 'ANY');
  if (method === undefined) return undefined;
  const { parameters } = best.match;
  return { method, pathParameters: Object.keys(parameters).length === 0 ? null : parameters };
}

interface PathMatch {
  /** Sorts literal segments before `{parameter}` before `{greedy+}`, from the left. */
  readonly rank: string;
  readonly parameters: Readonly<Record<string, string>>;
}

function matchPath(template: string, segments: readonly string[]): PathMatch | undefined {
  const wanted = template.split('/').slice(1);
  const parameters: Record<string, string> = {};
  let rank = '';
  for (const [i, part] of wanted.entries()) {
    const greedy = /^\{(.+)\+\}$/.exec(part)?.[1];
    if (greedy !== undefined) {
      const rest = segments.slice(i).join('/');
      if (rest === '') return undefined;
      parameters[greedy] = decode(rest);
      return { rank: `${rank}3`, parameters };
    }
    const given = segments[i];
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (given === undefined || (name === undefined ? given !== part : given === '')) return undefined;
    if (name !== undefined) parameters[name] = decode(given);
    rank += name === undefined ? '1' : '2';
  }
  return wanted.length === segments.length ? { rank, parameters } : undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
