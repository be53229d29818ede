/** `disconnect_provider`: removes a connection and with it its tools. */
import * as z from 'zod';
import { fault } from '../../core/classify.ts';
import { fail, ok } from '../../core/result.ts';
import { findProvider } from './find-provider.ts';
import { connectionName, defineSystemTool, providerKey } from './system-tool.ts';

export const disconnectProvider = defineSystemTool({
  name: 'disconnect_provider',
  title: 'Disconnect an account',
  description: 'Removes a connected account and deletes its credential, at once.',
  input: z.strictObject({ provider_key: providerKey, connection: connectionName }),
  readOnly: false,
  destructive: true,
  async run({ deps, principal }, { provider_key, connection: wanted }) {
    const provider = findProvider(deps, provider_key);
    if (!provider.ok) return provider;
    const connections = await deps.connections.list(principal.tenant, provider_key);
    const names = connections.map(({ name }) => name);
    if (wanted === undefined && names.length > 1)
      return fail(
        fault('invalid_input', `Several ${provider.value.name} accounts are connected.`, {
          next: `Name one as connection: ${names.join(', ')}.`,
        }),
      );
    const name = wanted ?? names[0];
    const removed =
      name !== undefined &&
      names.includes(name) &&
      (await deps.connections.remove(principal.tenant, provider_key, name));
    if (!removed)
      return fail(
        fault('not_connected', `${provider.value.name} is not connected under that name.`, {
          next: 'See list_connections.',
        }),
      );
    deps.vault.forget(principal.tenant, provider_key, name);
    return ok({ status: 'disconnected', provider_key, connection: name });
  },
});
