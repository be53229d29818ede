/** `disconnect_provider`: removes a connection and with it its tools, and tells the provider where it can be told. */
import * as z from 'zod';
import { fault } from '../../../core/fault.ts';
import { disconnect } from '../../../core/connect/disconnect.ts';
import { findProvider } from '../../../core/catalog/find.ts';
import { fail, ok } from '../../../core/result.ts';
import { connectionName, defineSystemTool, providerKey } from './system-tool.ts';

export const disconnectProvider = defineSystemTool({
  name: 'disconnect_provider',
  title: 'Disconnect an account',
  description: 'Removes a connected account and deletes its credential, at once.',
  input: z.strictObject({ provider_key: providerKey, connection: connectionName }),
  readOnly: false,
  destructive: true,
  async run({ deps, principal, log }, { provider_key, connection }) {
    const provider = findProvider(deps.catalog, provider_key);
    if (!provider.ok) return provider;
    const disconnected = await disconnect(deps, log, {
      tenant: principal.tenant,
      provider: provider.value,
      connection,
    });
    switch (disconnected.kind) {
      case 'several':
        return fail(
          fault('invalid_input', `Several ${provider.value.name} accounts are connected.`, {
            next: `Name one as connection: ${disconnected.names.join(', ')}.`,
          }),
        );
      case 'none':
        return fail(
          fault('not_connected', `${provider.value.name} is not connected under that name.`, {
            next: 'See list_connections.',
          }),
        );
      case 'done':
        return ok({
          status: 'disconnected',
          provider_key,
          connection: disconnected.connection,
          revoked_at_provider: disconnected.revoked,
        });
    }
  },
});
