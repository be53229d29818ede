/**
 * AllMcp-Service: functions, API, alarms. Composes constructs and prints what a person needs next; everything in it
 * can be deleted and deployed again without losing a key or a connection.
 */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AdminApi } from './admin-api.ts';
import { ConnectPages } from './connect-pages.ts';
import type { Data } from './data-stack.ts';
import type { DeployConfig } from './deploy-config.ts';
import { unreserved } from './bundled-function.ts';
import { EdgeApi } from './edge-api.ts';
import { EventDelivery } from './event-delivery.ts';
import { KeyAuthorizer } from './key-authorizer.ts';
import { McpEndpoint } from './mcp-endpoint.ts';
import { Observability } from './observability.ts';
import { OwnFunctions } from './own-functions.ts';
import { VERSION } from './project.ts';
import { TenantKeys } from './tenant-keys.ts';

export interface ServiceProps {
  /** What survives the service. */
  readonly data: Data;
  /** Every knob of the deployment; each construct is told its own. */
  readonly config: DeployConfig;
  /** Folder with the built bundles. */
  readonly bundles: string;
}

export interface Service {
  readonly edge: EdgeApi;
  readonly keyAuthorizer: KeyAuthorizer;
  readonly mcp: McpEndpoint;
  readonly connect: ConnectPages;
  readonly admin: AdminApi;
  readonly events: EventDelivery;
  readonly tenantKeys: TenantKeys;
  readonly mcpUrl: string;
  readonly adminUrl: string;
  readonly redirectUri: string;
}

/** Creates the service constructs directly under `scope`, with the outputs. */
export function composeService(scope: Construct, { data, config, bundles }: ServiceProps): Service {
  const { store, roles, sessionRoles, credentialKey } = data;
  const { functions: sizes, publicUrl, tracing } = config;
  const logRetentionDays = config.logs.retentionDays;
  const edge = new EdgeApi(scope, 'EdgeApi', {
    name: config.name,
    stage: config.stage,
    throttle: config.throttle,
    createAccountRole: config.logs.apiGatewayAccountRole === 'create',
    logRetentionDays,
    detailedMetrics: config.detailedMetrics,
    tracing,
  });
  const functionOptions = { bundles, logRetentionDays, tracing };
  const vault = { sessionRoles, credentialKey };
  const keyAuthorizer = new KeyAuthorizer(scope, 'KeyAuthorizer', {
    ...functionOptions,
    store,
    role: roles.authorizer,
    size: sizes.authorizer,
  });
  const mcp = new McpEndpoint(scope, 'McpEndpoint', {
    ...functionOptions,
    store,
    ...vault,
    edge,
    keyAuthorizer,
    role: roles.mcp,
    size: sizes.mcp,
    publicUrl,
    allowedOrigins: config.allowedOrigins,
  });
  const connect = new ConnectPages(scope, 'ConnectPages', {
    ...functionOptions,
    store,
    ...vault,
    edge,
    role: roles.connect,
    size: sizes.connect,
    publicUrl,
  });
  const admin = new AdminApi(scope, 'AdminApi', {
    ...functionOptions,
    store,
    ...vault,
    edge,
    keyAuthorizer,
    role: roles.admin,
    size: sizes.admin,
    publicUrl,
  });
  const events = new EventDelivery(scope, 'EventDelivery', {
    ...functionOptions,
    store,
    ...vault,
    role: roles.events,
    size: sizes.events,
  });
  const tenantKeys = new TenantKeys(scope, 'TenantKeys', {
    ...functionOptions,
    store,
    edge,
    keyAuthorizer,
    role: roles.tenantKeys,
    size: unreserved(sizes.admin),
  });
  const watched = [edge, keyAuthorizer, mcp, connect, admin, events, tenantKeys].map((one) => one.watched);
  new OwnFunctions(scope, 'OwnFunctions', {
    roles: roles.all,
    functions: watched.flatMap((one) => one.functions).map((one) => one.function),
  });
  new Observability(scope, 'Observability', {
    api: edge.api,
    watched,
    store,
    credentialKey,
    roles: [...sessionRoles.all, ...roles.all],
    logRetentionDays,
    createLogPolicy: config.logs.eventsPolicy === 'create',
    topicArn: config.alarms.topicArn,
  });
  const at = (path: string): string => (publicUrl === undefined ? edge.api.urlForPath(path) : publicUrl + path);
  const service = {
    edge,
    keyAuthorizer,
    mcp,
    connect,
    admin,
    events,
    tenantKeys,
    mcpUrl: at('/mcp'),
    adminUrl: at('/admin/v1'),
    redirectUri: at('/oauth/callback'),
  };
  addOutputs(scope, data, service);
  return service;
}

function addOutputs(scope: Construct, { store, sessionRoles, credentialKey }: Data, service: Service): void {
  const clientConfig = {
    mcpServers: {
      allmcp: { type: 'http', url: service.mcpUrl, headers: { 'X-API-Key': 'allmcp_PUT_YOUR_KEY_HERE' } },
    },
  };
  const outputs: Record<string, { value: string; description: string }> = {
    McpUrl: { value: service.mcpUrl, description: 'The MCP endpoint' },
    RedirectUri: { value: service.redirectUri, description: 'Register this at each vendor whose OAuth app you use' },
    AdminUrl: { value: service.adminUrl, description: 'The admin API' },
    ClientConfigJson: {
      value: Stack.of(scope).toJsonString(clientConfig),
      description: 'Paste this into an MCP client and put your key in',
    },
    KeysTableName: { value: store.keysTable.tableName, description: 'Keys, by hash' },
    TenantsTableName: { value: store.tenantsTable.tableName, description: 'Connections (sealed), usage, clients' },
    CredentialKeyArn: { value: credentialKey.keyArn, description: 'The key that seals credentials' },
    TenantRoleArn: {
      value: sessionRoles.tenant.roleArn,
      description: 'The only role that opens credentials of tenants',
    },
    BootstrapFunctionName: {
      value: service.admin.bootstrap.functionName,
      description: 'Mints the first operator key: npm run -s allmcp -- bootstrap',
    },
    Version: { value: VERSION, description: 'Version of AllMCP' },
  };
  for (const [id, output] of Object.entries(outputs)) new CfnOutput(scope, id, output);
}

export interface ServiceStackProps extends StackProps, ServiceProps {}

export class ServiceStack extends Stack {
  readonly service: Service;

  constructor(scope: Construct, id: string, { data, config, bundles, ...props }: ServiceStackProps) {
    super(scope, id, {
      description: 'AllMCP service: API, functions and alarms. Holds no data; can be deleted and deployed again.',
      ...props,
    });
    this.service = composeService(this, { data, config, bundles });
  }
}
