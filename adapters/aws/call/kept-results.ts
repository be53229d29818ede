/**
 * Kept results as rows of the tenant's own partition, compressed and sealed like a credential: what a provider
 * answered is the tenant's data, and a dump of the table shows none of it.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  openEnvelopeBytes,
  sealEnvelopeBytes,
  type EncryptionContext,
  type Envelope,
} from '../../../core/vault/envelope.ts';
import { RESULT_TTL_SECONDS, type KeptResults } from '../../../core/call/kept-result.ts';
import { tenantTags, type TenantId } from '../../../core/tenant/tenant.ts';
import type { DataKeys } from '../../../core/vault/envelope.ts';
import { queryRows } from '../rows.ts';
import { envelopeIn } from '../vault/envelope-item.ts';
import { fromResultItem, toResultItems, type ResultPart } from './result-item.ts';
import { itemKeys } from '../schema.ts';
import type { TenantSessions } from '../tenant-session.ts';
import type { Clock, EpochMs } from '../../../core/time.ts';

/** DynamoDB's rows end at 400 KB. */
const ROW_BYTES = 350_000;

const compress = promisify(gzip);
const expand = promisify(gunzip);

export function createKeptResults(deps: {
  readonly sessions: TenantSessions;
  readonly dataKeys: DataKeys;
  readonly table: string;
  readonly clock: Clock;
  readonly newId: () => string;
}): KeptResults {
  const contextOf = (tenant: TenantId, id: string): EncryptionContext => ({
    ...tenantTags(tenant),
    provider: '-result',
    connection: id,
  });
  const seconds = (): number => Math.floor(deps.clock() / 1000);

  return {
    async keep(tenant, text) {
      const id = deps.newId();
      const { dynamodb } = await deps.sessions(tenant);
      const context = contextOf(tenant, id);
      const dataKey = await deps.dataKeys.generate(tenant, context);
      const envelope = sealEnvelopeBytes(dataKey, context, await compress(text));
      const lying = { partBytes: ROW_BYTES, ttl: seconds() + RESULT_TTL_SECONDS };
      for (const Item of toResultItems(tenant, id, envelope, lying))
        await dynamodb.send(new PutItemCommand({ TableName: deps.table, Item }));
      return id;
    },

    async find(tenant, id) {
      const sealed = sealedOf(await readParts(tenant, id), seconds());
      if (sealed === undefined) return undefined;
      const context = contextOf(tenant, id);
      const dataKey = await deps.dataKeys.decrypt(tenant, context, sealed.edk);
      return (await expand(openEnvelopeBytes(dataKey, context, sealed))).toString('utf8');
    },
  };

  async function readParts(tenant: TenantId, id: string): Promise<readonly ResultPart[]> {
    const { dynamodb } = await deps.sessions(tenant);
    return (await queryRows(dynamodb, deps.table, itemKeys.tenant.results(tenant, id))).map(fromResultItem);
  }
}

/** The envelope that the parts hold, or undefined when there are none, or none that is still good. */
function sealedOf(parts: readonly ResultPart[], now: EpochMs): Envelope | undefined {
  const [first] = parts;
  if (first === undefined || first.ttl <= now) return undefined;
  return envelopeIn({ ...first, ct: Buffer.concat(parts.map(({ ct }) => ct)) });
}
