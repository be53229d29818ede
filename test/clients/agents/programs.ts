/**
 * The agents that are programs, started as a person would start them without a screen. Each runs with a home folder of its
 * own and nothing else of the environment: no key of this machine, no telemetry, and a fake model as its model service.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from './agent.ts';
import { agentNode, packages, platformProgram, runProgram } from './installed-agents.ts';

export const PROMPT = 'Follow the script.';

const CLAUDE = platformProgram('@anthropic-ai/claude-code', 'claude');

const claudeCode: Agent = {
  name: 'Claude Code',
  packageName: '@anthropic-ai/claude-code',
  needs: [],
  program: CLAUDE,
  auth: 'Bearer',
  setup: ['```sh', 'claude mcp add --transport http allmcp "URL" --header "Authorization: Bearer KEY"', '```'],
  run: async ({ url, key, model, home }) => {
    const env = {
      ANTHROPIC_BASE_URL: model,
      ANTHROPIC_API_KEY: 'no-key',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      DISABLE_AUTOUPDATER: '1',
    };
    const added = await runProgram(
      CLAUDE,
      ['mcp', 'add', '--transport', 'http', 'allmcp', url.href, '--header', `Authorization: Bearer ${key}`],
      { home, env },
    );
    if (added.code !== 0) return added;
    const listed = await runProgram(CLAUDE, ['mcp', 'list'], { home, env });
    const ran = await runProgram(CLAUDE, ['-p', PROMPT, '--allowedTools', 'mcp__allmcp'], { home, env });
    return { code: ran.code, printed: `${listed.printed}\n${ran.printed}` };
  },
};

const codex: Agent = {
  name: 'Codex',
  packageName: '@openai/codex',
  needs: [],
  program: platformProgram('@openai/codex', 'package.json'),
  auth: 'Bearer',
  setup: [
    'In `~/.codex/config.toml`, with the key in the environment:',
    '',
    '```toml',
    '[mcp_servers.allmcp]',
    'url = "URL"',
    'bearer_token_env_var = "ALLMCP_KEY"',
    'default_tools_approval_mode = "approve"',
    'tool_timeout_sec = 60',
    '```',
    '',
    '`default_tools_approval_mode` is for `codex exec`, which asks nobody: without it every tool that may change something is',
    'refused, `call_tool` among them; what the server wants confirmed is still confirmed.',
    '`tool_timeout_sec` is how long a call waits that was answered 429, which Codex does not',
    'tell its model.',
  ],
  run: async ({ url, key, model, home }) => {
    mkdirSync(join(home, '.codex'), { recursive: true });
    const config = [
      'model = "gpt-5"',
      'model_provider = "fake"',
      'approval_policy = "never"',
      '[analytics]',
      'enabled = false',
      '[model_providers.fake]',
      'name = "fake"',
      `base_url = "${model}/v1"`,
      'wire_api = "responses"',
      'env_key = "MODEL_KEY"',
      '[mcp_servers.allmcp]',
      `url = "${url.href}"`,
      'bearer_token_env_var = "ALLMCP_KEY"',
      'default_tools_approval_mode = "approve"',
      // Shorter than on the page, where it only takes time.
      'tool_timeout_sec = 15',
      '',
    ];
    writeFileSync(join(home, '.codex/config.toml'), config.join('\n'));
    const args = [join(packages, 'node_modules/@openai/codex/bin/codex.js'), 'exec', '--skip-git-repo-check', PROMPT];
    return runProgram(agentNode(), args, { home, env: { MODEL_KEY: 'no-key', ALLMCP_KEY: key } });
  },
};

const geminiCli: Agent = {
  name: 'Gemini CLI',
  packageName: '@google/gemini-cli',
  needs: [],
  auth: 'X-API-Key',
  setup: [
    'In `~/.gemini/settings.json`:',
    '',
    '```json',
    '{ "mcpServers": { "allmcp": { "httpUrl": "URL", "headers": { "X-API-Key": "KEY" } } } }',
    '```',
  ],
  run: async ({ url, key, model, home }) => {
    mkdirSync(join(home, '.gemini'), { recursive: true });
    const settings = {
      mcpServers: { allmcp: { httpUrl: url.href, headers: { 'X-API-Key': key } } },
      security: { auth: { selectedType: 'gemini-api-key' } },
      telemetry: { enabled: false },
      privacy: { usageStatisticsEnabled: false },
      general: { disableAutoUpdate: true, disableUpdateNag: true },
    };
    writeFileSync(join(home, '.gemini/settings.json'), JSON.stringify(settings));
    const env = {
      GEMINI_API_KEY: 'no-key',
      GOOGLE_GEMINI_BASE_URL: model,
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
    };
    const script = join(packages, 'node_modules/.bin/gemini');
    const listed = await runProgram(agentNode(), [script, 'mcp', 'list'], { home, env });
    const args = [script, '-m', 'gemini-2.5-pro', '--yolo', '-p', PROMPT];
    const ran = await runProgram(agentNode(), args, { home, env });
    return { code: ran.code, printed: `${listed.printed}\n${ran.printed}` };
  },
};

export const programs: readonly Agent[] = [claudeCode, codex, geminiCli];
