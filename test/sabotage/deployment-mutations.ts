/** What is deployed and what the laptop enforces. */
import type { Mutation } from './mutation.ts';

const CHANGES = 'lib/access-changes.ts';

export const DEPLOYMENT_MUTATIONS: readonly Mutation[] = [
  {
    sentence: 'Routes have an authorizer that sees every request: no cache, no identity source.',
    file: 'lib/key-authorizer.ts',
    find: "cfn.addPropertyDeletionOverride('IdentitySource');",
    replace: "cfn.addPropertyOverride('AuthorizerResultTtlInSeconds', 300);",
  },
  {
    sentence: 'A request to /mcp, /admin or /tenant-keys reaches a function only behind the key authorizer.',
    file: 'lib/tenant-keys.ts',
    find: '      authorizer: keyAuthorizer.authorizer,\n      authorizationType: apigateway.AuthorizationType.CUSTOM,',
    replace: '      authorizationType: apigateway.AuthorizationType.NONE,',
  },
  {
    sentence: 'The access log holds no query string, header, body, path as sent or address of a caller.',
    file: 'lib/edge-api.ts',
    find: "'$context.resourcePath'",
    replace: "'$context.path'",
  },
  {
    sentence: 'The access log is the only log of the API: execution logs, which can hold keys, are off.',
    file: 'lib/edge-api.ts',
    find: 'dataTraceEnabled: false,',
    replace: 'dataTraceEnabled: true,',
  },
  {
    sentence: 'Connections to the API take TLS 1.2 or newer, and say the access mode that such a policy needs.',
    file: 'lib/edge-api.ts',
    find: 'apigateway.SecurityPolicy.TLS13_1_2_PQ_2025_09',
    replace: 'apigateway.SecurityPolicy.TLS_1_0',
  },
  {
    sentence:
      'The two stacks retain and protect the tables and the key by default, and let throwaway deployments delete them.',
    file: 'lib/tenant-store.ts',
    find: 'deletionProtection: retain,',
    replace: 'deletionProtection: false,',
  },
  {
    sentence: 'An upgrade from the last release replaces no table, key or log group.',
    file: 'lib/tenant-store.ts',
    find: "sortKey: { name: 'sk',",
    replace: "sortKey: { name: 'sort',",
  },
  {
    sentence:
      'Alarms notice a change of the key policy, of any role that leads to credentials, and of the code of any function.',
    file: 'lib/service-stack.ts',
    find: 'roles: [...sessionRoles.all, ...roles.all],',
    replace: 'roles: [...roles.all],',
  },
  {
    sentence: "Alarms notice a role of ours in the request of a function's making or change, whatever the function.",
    file: CHANGES,
    find: "TAKING_ROLE_EVENTS = ['CreateFunction', ",
    replace: 'TAKING_ROLE_EVENTS = [',
  },
  {
    sentence:
      "Alarms notice a change of any function, however it is named, and of the API's routes, integrations and authorizer.",
    file: CHANGES,
    find: ', { suffix: `${functionName}:$LATEST` }',
    replace: '',
  },
  {
    sentence: 'Alarms notice that what tells of a change is taken away: targets, the alarm, the log, a trail.',
    file: CHANGES,
    find: "['DeleteAlarms', 'DisableAlarmActions']",
    replace: "['DisableAlarmActions']",
  },
  {
    sentence: 'The data folder and what is in it are readable by their owner alone.',
    file: 'local/data-folder.ts',
    find: 'chmodSync(path, 0o700);',
    replace: 'chmodSync(path, 0o755);',
  },
  {
    sentence: 'A request under another host name is refused before any function runs.',
    file: 'emulator/api-gateway/server.ts',
    find: 'return LOOPBACK_NAMES.some(',
    replace: 'return host !== undefined || LOOPBACK_NAMES.some(',
  },
  {
    sentence: "A function's environment holds the allow-list only: nothing of the host, nothing of the runtime.",
    file: 'emulator/lambda/environment.ts',
    find: '...options.variables,',
    replace: '...process.env, ...options.variables,',
  },
  {
    sentence: 'KMS applies the key policy: an explicit deny reaches a role with every KMS permission.',
    file: 'emulator/iam/evaluate.ts',
    find: "if (resource.some((s) => s.effect === 'Deny' && ",
    replace: "if (resource.some((s) => s.effect === 'Deny' && false && ",
  },
  {
    sentence: 'STS applies the trust policy to the tags asked for.',
    file: 'emulator/sts/sts.ts',
    find: 'role?.trust ?? { statements: [] }',
    replace: 'undefined',
  },
];
