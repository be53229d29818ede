/**
 * What each endpoint of the contract does. Every operation that names a client, or a key of one, asks `mayManage`
 * first; a list that names none covers exactly the clients the operator manages.
 */
import { ok } from '../../core/result.ts';
import { clientOperations } from './clients/operations.ts';
import { connectionOperations } from './connections/operations.ts';
import type { Contract } from './contract.ts';
import { eventOperations } from './events/operations.ts';
import { failureOperations } from './failures/operations.ts';
import { issueOperations } from './issues/operations.ts';
import { keyOperations } from './keys/operations.ts';
import { appOperations } from './oauth-apps/operations.ts';
import { openApi } from './openapi.ts';
import type { AdminDeps, Operations } from './resource/operation.ts';
import { settingsOperations } from './settings/operations.ts';

export function createOperations(deps: AdminDeps): Operations<Contract> {
  return {
    ...clientOperations(deps),
    ...keyOperations(deps),
    ...issueOperations(deps),
    ...failureOperations(deps),
    ...appOperations(deps),
    ...settingsOperations(deps),
    ...connectionOperations(deps),
    ...eventOperations(deps),

    async describeApi() {
      return ok(openApi());
    },
  };
}
