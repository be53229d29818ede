/**
 * Removing a client that nothing belongs to. A client's id is what its users' rows are found by, so one that is made again
 * under the same id would find them: a client with anything left is not removed, and is told what that is.
 */
import type { AdminFault } from './admin-fault.ts';
import { noSuchClient, type ClientStore } from './client-admin.ts';
import { fail, ok, type Result } from '../result.ts';

/** One kind of thing that may be left, in words such as `2 keys that work`; undefined when there is none. */
export type Leftover = (clientId: string) => Promise<string | undefined>;

export async function removeClient(
  clients: ClientStore,
  leftovers: readonly Leftover[],
  clientId: string,
): Promise<Result<string, AdminFault>> {
  const client = await clients.find(clientId);
  if (client === undefined) return fail(noSuchClient());
  const left = await leftOf(leftovers, clientId);
  if (left.length > 0) return fail(notEmpty(left));
  await clients.remove(clientId);
  // A key that was made meanwhile found the client still there, and works.
  const since = await leftOf(leftovers, clientId);
  if (since.length === 0) return ok(clientId);
  await clients.add(client);
  return fail(notEmpty(since));
}

async function leftOf(leftovers: readonly Leftover[], clientId: string): Promise<readonly string[]> {
  const found = await Promise.all(leftovers.map((look) => look(clientId)));
  return found.filter((words) => words !== undefined);
}

function notEmpty(left: readonly string[]): AdminFault {
  return {
    code: 'conflict',
    message: `This client is not empty. It has ${left.join(', ')}.`,
    next: 'Revoke its keys (`keys revoke`, `operators revoke`) and remove what it has (`connections`, `oauth-apps` and `events remove`), then delete it again.',
  };
}
