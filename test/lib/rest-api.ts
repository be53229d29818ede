/** The REST API of a template: methods by their route, what each is wired to, and the access log. */
import { resources, type Resource, type TemplateJson } from './synthesized.ts';

export interface Integration {
  readonly Type: string;
  readonly Uri?: unknown;
  readonly ResponseTransferMode?: string;
  readonly PassthroughBehavior?: string;
  readonly RequestTemplates?: Record<string, string>;
  readonly IntegrationResponses?: readonly {
    readonly StatusCode: string;
    readonly ResponseTemplates: Record<string, string>;
    readonly ResponseParameters?: Record<string, string>;
  }[];
}

/** Methods by their route, as `POST /mcp`. */
export function methodsByRoute(template: TemplateJson): ReadonlyMap<string, Resource> {
  return new Map(resources(template, 'AWS::ApiGateway::Method').map(([, method]) => [route(template, method), method]));
}

export function integration(method: Resource | undefined): Integration {
  if (method === undefined) throw new Error('no such method');
  return method.Properties.Integration as Integration;
}

export function accessLogFormat(template: TemplateJson): Record<string, string> {
  const [[, stage] = []] = resources(template, 'AWS::ApiGateway::Stage');
  const setting = stage?.Properties.AccessLogSetting as { Format: string } | undefined;
  return JSON.parse(setting?.Format ?? '') as Record<string, string>;
}

/** `POST /mcp`: the method and its path, walked up from its resource. */
function route(template: TemplateJson, method: Resource): string {
  const segments: string[] = [];
  let at: unknown = method.Properties.ResourceId;
  while (typeof at === 'object' && at !== null && 'Ref' in at) {
    const resource = template.Resources[String(at.Ref)];
    segments.unshift(String(resource?.Properties.PathPart));
    at = resource?.Properties.ParentId;
  }
  return `${String(method.Properties.HttpMethod)} /${segments.join('/')}`;
}
