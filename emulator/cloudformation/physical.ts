/**
 * The names, ids and ARNs that CloudFormation would give. They are derived from stack and logical id, so they are the
 * same on every start, as on a deployed stack.
 */
import { createHash } from 'node:crypto';

export interface Place {
  readonly account: string;
  readonly region: string;
}

/** The one account and region of the laptop. */
export const EMULATED_PLACE: Place = { account: '000000000000', region: 'us-east-1' };

export interface Named {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** Reads a property with intrinsics resolved. */
  readonly property: (name: string) => unknown;
}

interface Physical {
  readonly ref: (resource: Named, place: Place) => string;
  readonly attributes?: Readonly<Record<string, (ref: string, place: Place, resource: Named) => string>>;
}

/** What `Ref` gives when the template names the resource, else a name of stack and logical id. */
const named =
  (property: string, maxLength = 255) =>
  (resource: Named): string => {
    const given = resource.property(property);
    return typeof given === 'string' ? given : generated(resource, maxLength);
  };

const arn =
  (service: string, path: string) =>
  (ref: string, { account, region }: Place): string =>
    `arn:aws:${service}:${service === 'iam' ? '' : region}:${account}:${path}${ref}`;

const table: Physical = { ref: named('TableName'), attributes: { Arn: arn('dynamodb', 'table/') } };

const PHYSICAL: Readonly<Record<string, Physical>> = {
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::DynamoDB::Table': table,
  'AWS::IAM::Role': {
    ref: named('RoleName', 64),
    attributes: {
      Arn: (ref, { account }, resource) => {
        const path = resource.property('Path');
        return `arn:aws:iam::${account}:role${typeof path === 'string' ? path : '/'}${ref}`;
      },
    },
  },
  'AWS::KMS::Key': { ref: uuid, attributes: { Arn: arn('kms', 'key/'), KeyId: (ref) => ref } },
  'AWS::KMS::Alias': { ref: named('AliasName') },
  'AWS::Lambda::Function': { ref: named('FunctionName', 64), attributes: { Arn: arn('lambda', 'function:') } },
  'AWS::ApiGateway::RestApi': {
    ref: shortId,
    attributes: { RootResourceId: (ref) => `${ref}root`, RestApiId: (ref) => ref },
  },
  'AWS::ApiGateway::Resource': { ref: shortId },
  'AWS::ApiGateway::Authorizer': { ref: shortId, attributes: { AuthorizerId: (ref) => ref } },
  'AWS::ApiGateway::Deployment': { ref: shortId, attributes: { DeploymentId: (ref) => ref } },
  'AWS::ApiGateway::Stage': { ref: named('StageName') },
  'AWS::Events::Rule': { ref: named('Name', 64), attributes: { Arn: arn('events', 'rule/') } },
  'AWS::Logs::LogGroup': {
    ref: named('LogGroupName'),
    attributes: { Arn: (ref, { account, region }) => `arn:aws:logs:${region}:${account}:log-group:${ref}:*` },
  },
};

/** `Ref` of a resource. Types that the laptop does not serve get a name, which is harmless. */
export function refOf(resource: Named, place: Place): string {
  return (PHYSICAL[resource.type] ?? { ref: generated }).ref(resource, place);
}

/** `Fn::GetAtt`. Throws for an attribute that is not known: a guessed one would fail in a place far away. */
export function attributeOf(resource: Named, attribute: string, place: Place): string {
  const read = PHYSICAL[resource.type]?.attributes?.[attribute];
  if (read === undefined)
    throw new Error(
      `The laptop runtime does not know the attribute ${attribute} of ${resource.type} (${resource.logicalId}).`,
    );
  return read(refOf(resource, place), place, resource);
}

function generated({ stack, logicalId }: Named, maxLength: number | Place = 255): string {
  const limit = typeof maxLength === 'number' ? maxLength : 255;
  return `${stack.slice(0, 24)}-${logicalId}`.slice(0, limit);
}

function shortId(resource: Named): string {
  // The letters API Gateway uses: lower-case and digits.
  return BigInt(`0x${digest(resource).slice(0, 24)}`)
    .toString(36)
    .padStart(10, '0')
    .slice(0, 10);
}

/** The ARN of a stack, which ends with an id that no two stacks share. */
export function stackId(stack: string, { account, region }: Place): string {
  return `arn:aws:cloudformation:${region}:${account}:stack/${stack}/${uuid({ stack, logicalId: '' })}`;
}

function uuid(resource: Pick<Named, 'stack' | 'logicalId'>): string {
  const hex = digest(resource);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function digest({ stack, logicalId }: Pick<Named, 'stack' | 'logicalId'>): string {
  return createHash('sha256').update(`${stack}/${logicalId}`).digest('hex');
}
