/**
 * The variables a function's process starts with: the template's, Lambda's own, and the credentials of its role.
 * Invariant: an allow-list. Nothing of the host's environment reaches a function.
 */
import { randomBytes } from 'node:crypto';
import { devNull } from 'node:os';
import { roleName, roleSession, type CredentialStore } from '../iam/credentials.ts';
import type { FunctionModel } from '../cloudformation/function-model.ts';
import type { Place } from '../cloudformation/physical.ts';

export function functionEnvironment(
  fn: FunctionModel,
  deps: {
    readonly place: Place;
    readonly credentials: CredentialStore;
    /** Where every AWS call goes. */
    readonly awsEndpoint: string;
    /** What this operating system needs to start a process at all. */
    readonly system: Readonly<Record<string, string>>;
  },
): { readonly variables: Record<string, string>; readonly release: () => void } {
  const session = deps.credentials.issue({
    caller: roleSession(fn.roleArn, fn.name),
    role: roleName(fn.roleArn),
    tags: {},
    transitiveTagKeys: [],
    functionArn: fn.arn,
    expires: undefined,
  });
  const variables = {
    ...deps.system,
    ...fn.variables,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: 'UTC',
    _HANDLER: fn.handler,
    AWS_REGION: deps.place.region,
    AWS_DEFAULT_REGION: deps.place.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: fn.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${randomBytes(16).toString('hex')}`,
    AWS_LAMBDA_LOG_FORMAT: fn.logFormat,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
    AWS_ENDPOINT_URL_DYNAMODB: deps.awsEndpoint,
    AWS_ENDPOINT_URL_KMS: deps.awsEndpoint,
    AWS_ENDPOINT_URL_STS: deps.awsEndpoint,
    // The user's own AWS settings and credentials stay out.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    // It is about the host's Node; deployed functions have the runtime of the template.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  return { variables, release: () => deps.credentials.revoke(session.accessKeyId) };
}
