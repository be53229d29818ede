/** What operators change about connecting accounts. Only what is named changes; null takes a field back to its default. */
import * as z from 'zod';
import { isPlainName, PLAIN_NAME_RULE } from '../plain-name.ts';
import { Brand, ClientSettings, ReturnUrls, type OrgSettings } from './settings.ts';

/** Stricter than what is stored: it stands in the most trusted place of a page. */
export const BrandName = Brand.shape.name.unwrap().refine(isPlainName, `a name ${PLAIN_NAME_RULE}`);

const BrandChange = z.strictObject({
  name: BrandName.nullable().optional(),
  logo_url: Brand.shape.logo_url.nullable(),
  color: Brand.shape.color.nullable(),
} satisfies { readonly [Field in keyof Required<Brand>]: z.ZodType });

export const OrgSettingsChange = z.strictObject({ brand: BrandChange.optional() });
export type OrgSettingsChange = z.infer<typeof OrgSettingsChange>;

/** A list is replaced as a whole. */
export const ClientSettingsChange = z.strictObject({
  brand: BrandChange.optional(),
  return_urls: ReturnUrls.optional(),
  embedding_origins: ClientSettings.shape.embedding_origins.unwrap().optional(),
  org_app: ClientSettings.shape.org_app.unwrap().optional(),
} satisfies { readonly [Field in keyof Required<ClientSettings>]: z.ZodType });
export type ClientSettingsChange = z.infer<typeof ClientSettingsChange>;

/** Settings as the admin function sees them, strongly consistent. Nothing set is all defaults. */
export interface SettingsStore {
  ofClient(client: string): Promise<ClientSettings>;
  ofOrg(client: string, org: string): Promise<OrgSettings>;
  /** Answers the settings as they are then, with what others have changed meanwhile. */
  changeClient(client: string, change: ClientSettingsChange): Promise<ClientSettings>;
  changeOrg(client: string, org: string, change: OrgSettingsChange): Promise<OrgSettings>;
  /** The organizations that have settings, without their pictures. */
  orgs(client: string): Promise<readonly { readonly org: string; readonly brand: Omit<Brand, 'logo_url'> }[]>;
}
