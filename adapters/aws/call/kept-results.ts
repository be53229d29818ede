/**
 * Kept results as rows of the tenant's own partition, compressed and sealed like a credential: what a provider
 * answered is the tenant's data, and a dump of the table shows none of it.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
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
import { itemKeys } from '../schema.ts';
import type { TenantSessions } from '../tenant-session.ts';

/** DynamoDB's rows end at 400 KB. */
const ROW_BYTES = 350_000;

const compress = promisify(gzip);
const expand = promisify(gunzip);

export function createKeptResults(deps: {
  readonly sessions: TenantSessions;
  readonly dataKeys: DataKeys;
  readonly table: string;
  readonly clock: () => number;
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
      const { edk, iv, ct, tag } = sealEnvelopeBytes(dataKey, context, await compress(text));
      for (let part = 0; part * ROW_BYTES < ct.length; part += 1) {
        const { pk, sk } = itemKeys.tenant.result(tenant, id, part);
        await dynamodb.send(
          new PutItemCommand({
            TableName: deps.table,
            Item: {
              pk: { S: pk },
              sk: { S: sk },
              ct: { B: ct.subarray(part * ROW_BYTES, (part + 1) * ROW_BYTES) },
              ttl: { N: String(seconds() + RESULT_TTL_SECONDS) },
              ...(part === 0 ? { edk: { B: edk }, iv: { B: iv }, tag: { B: tag } } : {}),
            },
          }),
        );
      }
      return id;
    },

    async find(tenant, id) {
      const rows = await readRows(tenant, id);
      const sealed = sealedOf(rows, seconds());
      if (sealed === undefined) return undefined;
      const context = contextOf(tenant, id);
      const dataKey = await deps.dataKeys.decrypt(tenant, context, sealed.edk);
      return (await expand(openEnvelopeBytes(dataKey, context, sealed))).toString('utf8');
    },
  };

  async function readRows(tenant: TenantId, id: string): Promise<readonly Row[]> {
    const { dynamodb } = await deps.sessions(tenant);
    return queryRows(dynamodb, deps.table, itemKeys.tenant.results(tenant, id));
  }
}

type Row = Record<string, AttributeValue>;

/** The envelope that the rows hold, or undefined when there are none, or none that is still good. */
function sealedOf(rows: readonly Row[], now: number): Envelope | undefined {
  const [first] = rows;
  if (first === undefined || Number(first.ttl?.N) <= now) return undefined;
  const { edk, iv, tag } = first;
  if (edk?.B === undefined || iv?.B === undefined || tag?.B === undefined) return undefined;
  const ct = Buffer.concat(rows.map((row) => row.ct?.B ?? Buffer.alloc(0)));
  return { v: 1, edk: edk.B, iv: iv.B, ct, tag: tag.B };
}
