/**
 * Mints an operator key of every client. It is invoked directly, and IAM decides by whom; it has no address. The
 * answer is the only place the key ever appears, so no more of it is logged than its id.
 */
import * as z from 'zod';
import type { Log } from '../../core/log.ts';
import type { KeyAdmin } from '../../core/keys/key-admin.ts';

const Event = z.object({ name: z.string().min(1).max(100).optional() }).nullish();

export interface BootstrapAnswer {
  readonly id: string;
  readonly operator_key: string;
}

export function createBootstrap(keys: Pick<KeyAdmin, 'createOperator'>, log: Log) {
  return async (event: unknown): Promise<BootstrapAnswer> => {
    const { name = 'bootstrap' } = Event.parse(event) ?? {};
    const { key, record } = await keys.createOperator({ scope: 'all', name });
    log.info('operator key minted', { keyId: record.keyId });
    return { id: record.keyId, operator_key: key };
  };
}
