/**
 * What in CloudTrail changes who may open credentials, or takes away what would tell of it. Each pattern is an event
 * pattern of EventBridge, which takes 2,048 characters: hence the split, and suffixes in place of whole ARNs.
 */

/** Names and ARNs, most of them known to CloudFormation only. */
export interface ProtectedNames {
  readonly keyArn: string;
  readonly roleNames: readonly string[];
  readonly roleArns: readonly string[];
  readonly functionNames: readonly string[];
  readonly restApiId: string;
  /** The tables, whose own policies could let another account in. */
  readonly tableArns: readonly string[];
}

/** What tells of a change, itself a thing to change. */
export interface WatchNames {
  readonly ruleNames: readonly string[];
  readonly alarmNames: readonly string[];
  readonly logGroupName: string;
}

export interface AccessChange {
  /** Id of the rule. */
  readonly id: string;
  /** As EventBridge names services: `aws.kms`. */
  readonly sources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

const KEY_EVENTS = [
  'PutKeyPolicy',
  'CreateGrant',
  'DisableKey',
  'ScheduleKeyDeletion',
  'DisableKeyRotation',
  'ReplicateKey',
];
const ROLE_EVENTS = [
  'UpdateAssumeRolePolicy',
  'PutRolePolicy',
  'AttachRolePolicy',
  'DeleteRolePolicy',
  'DetachRolePolicy',
  'PutRolePermissionsBoundary',
  'DeleteRolePermissionsBoundary',
  'DeleteRole',
  'TagRole',
];
/** Of a function of ours: what runs, with what, and who may call it with a request that no authorizer has seen. */
const FUNCTION_EVENTS = [
  'UpdateFunctionCode',
  'UpdateFunctionConfiguration',
  'CreateFunction',
  'DeleteFunction',
  'AddPermission',
  'CreateFunctionUrlConfig',
  'UpdateFunctionUrlConfig',
  'PublishVersion',
  'CreateAlias',
  'UpdateAlias',
];
/** Of any function, when it is given a role of ours. */
const TAKING_ROLE_EVENTS = ['CreateFunction', 'UpdateFunctionConfiguration'];
/** What is asked for a key, and what a request reaches. */
const API_EVENTS = [
  'CreateAuthorizer',
  'UpdateAuthorizer',
  'DeleteAuthorizer',
  'PutMethod',
  'UpdateMethod',
  'DeleteMethod',
  'PutIntegration',
  'UpdateIntegration',
  'DeleteIntegration',
  'CreateResource',
  'UpdateResource',
  'DeleteResource',
  'PutRestApi',
  'UpdateRestApi',
  'CreateDeployment',
  'UpdateDeployment',
  'CreateStage',
  'UpdateStage',
];

/** CloudTrail appends the API's version date to Lambda's event names, sometimes with `v2` after it. */
const anyVersion = (names: readonly string[]) => names.map((prefix) => ({ prefix }));

/** A caller may name a function alone, with its account or by its ARN, and with `$LATEST` after each. */
const named = (functionName: string) => [{ suffix: functionName }, { suffix: `${functionName}:$LATEST` }];

export function accessChanges(names: ProtectedNames): readonly AccessChange[] {
  return [
    {
      id: 'KeyChanged',
      sources: ['aws.kms', 'aws.dynamodb'],
      detail: {
        $or: [
          { eventName: KEY_EVENTS, resources: { ARN: [names.keyArn] } },
          { eventName: ['PutResourcePolicy'], requestParameters: { resourceArn: names.tableArns } },
        ],
      },
    },
    {
      id: 'RoleChanged',
      sources: ['aws.iam'],
      detail: { eventName: ROLE_EVENTS, requestParameters: { roleName: names.roleNames } },
    },
    {
      id: 'CodeChanged',
      sources: ['aws.lambda'],
      detail: {
        eventName: anyVersion(FUNCTION_EVENTS),
        requestParameters: { functionName: names.functionNames.flatMap(named) },
      },
    },
    {
      id: 'RoleTaken',
      sources: ['aws.lambda'],
      detail: { eventName: anyVersion(TAKING_ROLE_EVENTS), requestParameters: { role: names.roleArns } },
    },
    {
      id: 'ApiChanged',
      sources: ['aws.apigateway'],
      detail: { eventName: API_EVENTS, requestParameters: { restApiId: [names.restApiId] } },
    },
  ];
}

/** A trail that stops is noticed whichever it is: nothing here knows the one that feeds these rules. */
export function watchChanges({ ruleNames, alarmNames, logGroupName }: WatchNames): AccessChange {
  return {
    id: 'WatchChanged',
    sources: ['aws.events', 'aws.monitoring', 'aws.cloudwatch', 'aws.logs', 'aws.cloudtrail'],
    detail: {
      $or: [
        { eventName: ['DisableRule', 'DeleteRule', 'PutRule'], requestParameters: { name: ruleNames } },
        { eventName: ['RemoveTargets', 'PutTargets'], requestParameters: { rule: ruleNames } },
        { eventName: ['DeleteAlarms', 'DisableAlarmActions'], requestParameters: { alarmNames } },
        { eventName: ['PutMetricAlarm', 'SetAlarmState'], requestParameters: { alarmName: alarmNames } },
        { eventName: ['DeleteLogGroup', 'DeleteLogStream'], requestParameters: { logGroupName: [logGroupName] } },
        { eventName: ['StopLogging', 'DeleteTrail'] },
      ],
    },
  };
}
