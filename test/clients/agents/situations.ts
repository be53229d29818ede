/**
 * The six situations that an agent is put into, each with what its model does. Invariant: what the model was shown is read
 * from the requests that reach the fake model, what was asked and listed from the wire; nothing is asked of the agent.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { startRecordingProxy, type Exchange } from '../recording-proxy.ts';
import type { ClientsSetUp } from '../set-up.ts';
import type { Agent, AgentRun, Situation } from './agent.ts';
import { startFakeModel, type ScriptedCall } from './fake-model.ts';
import type { Conversation } from './protocols/protocol.ts';

/** What was seen of one agent in one situation. */
export interface Observation extends AgentRun {
  readonly exchanges: readonly Exchange[];
  readonly conversations: readonly Conversation[];
}

export const DEALS = 'bitrix24_list_deals';

function scriptOf(situation: Situation, webhook: string): readonly ScriptedCall[] {
  const connect: ScriptedCall = { tool: 'connect_provider', args: { provider_key: 'bitrix24', api_key: webhook } };
  const scripts: Readonly<Record<Situation, readonly ScriptedCall[]>> = {
    '401': [{ tool: 'list_connections', args: {} }],
    '403': [{ tool: 'list_connections', args: {} }],
    '429': [{ tool: 'list_connections', args: {} }],
    isError: [{ tool: 'describe_category', args: { provider_key: 'nothing', category: 'nothing' } }],
    cancel: [
      { tool: 'connect_provider', args: { provider_key: 'bitrix24' } },
      connect,
      { tool: 'call_tool', args: { tool: 'bitrix24_delete_task', arguments: { task_id: 1 } } },
    ],
    'after connecting': [
      connect,
      { tool: 'call_tool', args: { tool: DEALS, arguments: { responsible_id: 1 } } },
      { tool: DEALS, args: {} },
    ],
  };
  return scripts[situation];
}

interface Entry {
  readonly query: string;
  readonly key: string;
  /** Runs before the server gets a tool call. */
  readonly beforeCall?: () => Promise<void>;
}

async function entryOf(world: ClientsSetUp, situation: Situation): Promise<Entry> {
  if (situation === '401') return world.refused('wrong key');
  if (situation === '403') return world.refused('forbidden organization');
  if (situation !== '429') return { query: world.newUser(), key: world.keys.good };
  const { key, useUp } = await world.limited();
  return { query: world.newUser(), key, beforeCall: useUp };
}

export async function observe(world: ClientsSetUp, agent: Agent, situation: Situation): Promise<Observation> {
  const { query, key, beforeCall } = await entryOf(world, situation);
  const proxy = await startRecordingProxy(new URL(world.url), async (rpcMethod) => {
    if (rpcMethod === 'tools/call') await beforeCall?.();
  });
  const model = await startFakeModel(scriptOf(situation, world.webhook));
  try {
    const home = mkdtempSync(join(world.home, 'agent-'));
    const url = new URL(`${proxy.origin}/mcp?${query}`);
    const { code, printed } = await agent.run({ url, key, model: model.origin, home });
    return { code, printed, exchanges: [...proxy.exchanges], conversations: [...model.conversations] };
  } finally {
    await proxy.stop();
    await model.stop();
  }
}
