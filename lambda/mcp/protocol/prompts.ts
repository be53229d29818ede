/** `prompts/*` and `completion/complete`: two prompts, which clients show as commands, and names to complete. */
import { ProtocolError, ProtocolErrorCode, type GetPromptResult, type Prompt } from '@modelcontextprotocol/server';
import type { Catalog } from '../../../core/catalog/catalog.ts';

interface PromptText {
  readonly definition: Prompt;
  readonly text: (args: Readonly<Record<string, string>>) => string;
}

const PROMPTS: readonly PromptText[] = [
  {
    definition: {
      name: 'connect',
      title: 'Connect an account',
      description: 'Connect an account of a provider, step by step.',
      arguments: [{ name: 'provider', description: 'Which provider, e.g. bitrix24', required: false }],
    },
    text: ({ provider }) =>
      provider === undefined || provider === ''
        ? 'Call list_providers, show me what can be connected and what is connected already, and ask me which one I want. Then call connect_provider with its provider_key alone and show me the link and the code.'
        : `Connect my ${provider} account. Call list_providers with query "${provider}", then connect_provider with the provider_key alone, show me the link and the code, and when I am done check with list_connections that it worked. Do not ask me for a password or key.`,
  },
  {
    definition: {
      name: 'troubleshoot',
      title: 'Find out why something does not work',
      description: 'Check connections, limits and recent failures, and report what cannot be mended.',
      arguments: [{ name: 'problem', description: 'What does not work', required: false }],
    },
    text: ({ problem }) =>
      `Find out why this does not work: ${problem === undefined || problem === '' ? 'ask me what' : problem}. Call list_connections and get_usage first. If a connection needs reconnecting, help me reconnect it. If nothing helps, file it with report_issue and tell me the id.`,
  },
];

export function listPrompts(): Prompt[] {
  return PROMPTS.map(({ definition }) => definition);
}

export function getPrompt(name: string, args: Readonly<Record<string, string>> = {}): GetPromptResult {
  const prompt = PROMPTS.find(({ definition }) => definition.name === name);
  if (prompt === undefined)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `There is no prompt of that name. Use ${PROMPTS.map(({ definition }) => definition.name).join(' or ')}.`,
    );
  return {
    description: prompt.definition.description ?? '',
    messages: [{ role: 'user', content: { type: 'text', text: prompt.text(args) } }],
  };
}

const MAX_COMPLETIONS = 100;

/** Provider keys for `provider`, category keys for `category`; nothing for anything else. */
export function complete(catalog: Catalog, argument: { readonly name: string; readonly value: string }) {
  const names =
    argument.name === 'provider' || argument.name === 'provider_key'
      ? catalog.providers.map(({ key }) => key)
      : argument.name === 'category'
        ? [...new Set(catalog.providers.flatMap(({ categories }) => categories.map(({ key }) => key)))]
        : [];
  const values = names.filter((name) => name.startsWith(argument.value.toLowerCase())).toSorted();
  return {
    completion: {
      values: values.slice(0, MAX_COMPLETIONS),
      total: values.length,
      hasMore: values.length > MAX_COMPLETIONS,
    },
  };
}
