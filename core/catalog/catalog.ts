/** The catalogue as it is rendered at build time: what can be listed and searched without loading a provider. */
import type { JsonObject } from '../json.ts';
import type { Auth, CredentialField, OptionalScope } from '../provider/auth.ts';
import type { ProviderLevel } from '../provider/provider.ts';
import type { Access, Exposure } from '../provider/tool.ts';

export interface CatalogTool {
  /** `{provider}_{name}`, [a-z0-9_], at most 45 characters. */
  readonly name: string;
  readonly provider: string;
  readonly category: string;
  readonly access: Access;
  readonly exposure: readonly Exposure[];
  /** Exactly what `tools/list` serves for it. */
  readonly definition: ToolDefinition;
}

export interface ToolDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  /** Of its structured content; listed with the full catalogue only. */
  readonly outputSchema?: JsonObject;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
  /** Hints for one maker's clients; others pass over them. */
  readonly _meta?: Readonly<Record<string, boolean | number>>;
}

export interface CatalogCategory {
  readonly key: string;
  readonly title: string;
  readonly purpose: string;
  readonly core: boolean;
  /** Markdown for the model: how to work with these tools. */
  readonly skill: string;
}

export interface CatalogAuth {
  readonly id: string;
  readonly kind: Auth['kind'];
  readonly label: string;
  readonly fields: readonly CredentialField[];
  /** Permissions that a person may add to a consent. */
  readonly permissions?: readonly OptionalScope[] | undefined;
}

export interface CatalogProvider {
  readonly key: string;
  readonly name: string;
  readonly docs: string;
  readonly source: 'own';
  /** What its contract tests were written from; verified unless that was less than the vendor's own documentation. */
  readonly level: ProviderLevel;
  readonly verified: boolean;
  readonly auth: readonly CatalogAuth[];
  readonly categories: readonly CatalogCategory[];
}

export interface Catalog {
  /** Hash of everything below; the tool list is a pure function of it. */
  readonly version: string;
  readonly providers: readonly CatalogProvider[];
  readonly tools: readonly CatalogTool[];
}
