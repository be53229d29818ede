/** Tables, keys and roles as the template declares them. What the laptop cannot honour is an error, not a silence. */
import { z } from 'zod';
import type { Role } from '../iam/authorize.ts';
import type { KmsKey } from '../kms/kms.ts';
import type { TableShape } from '../dynamodb/dynamodb-request.ts';
import { parsePolicy } from '../iam/document.ts';
import type { ResolvedTemplates, Resource } from './resolve.ts';

export interface TableModel extends TableShape {
  readonly name: string;
  /** The CreateTable input. */
  readonly create: Readonly<Record<string, unknown>>;
  readonly ttlAttribute: string | undefined;
}

const Index = z.looseObject({
  IndexName: z.string(),
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.string() })),
  Projection: z.unknown().optional(),
});
const Table = z.looseObject({
  AttributeDefinitions: z.array(z.unknown()),
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.string() })),
  GlobalSecondaryIndexes: z.array(Index).default([]),
  LocalSecondaryIndexes: z.array(Index).default([]),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
  Replicas: z.array(z.record(z.string(), z.unknown())).default([]),
  ResourcePolicy: z.unknown().optional(),
});

export function tables(templates: ResolvedTemplates): readonly TableModel[] {
  return templates.ofType('AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table').map((resource) => {
    const table = Table.parse(resource.properties());
    if (table.ResourcePolicy !== undefined || table.Replicas.some((replica) => 'ResourcePolicy' in replica))
      throw new Error(`${resource.logicalId} has a resource policy, which the laptop runtime does not evaluate.`);
    const indexes = [...table.GlobalSecondaryIndexes, ...table.LocalSecondaryIndexes];
    const projected = (index: z.infer<typeof Index>) => ({
      IndexName: index.IndexName,
      KeySchema: index.KeySchema,
      Projection: index.Projection,
    });
    const listed = (name: string, list: readonly z.infer<typeof Index>[]) =>
      list.length === 0 ? {} : { [name]: list.map(projected) };
    return {
      name: resource.ref,
      arn: resource.arn(),
      hashKeys: {
        '': hashKey(table.KeySchema),
        ...Object.fromEntries(indexes.map(({ IndexName, KeySchema }) => [IndexName, hashKey(KeySchema)])),
      },
      create: {
        TableName: resource.ref,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: table.AttributeDefinitions,
        KeySchema: table.KeySchema,
        ...listed('GlobalSecondaryIndexes', table.GlobalSecondaryIndexes),
        ...listed('LocalSecondaryIndexes', table.LocalSecondaryIndexes),
      },
      ttlAttribute:
        table.TimeToLiveSpecification?.Enabled === true ? table.TimeToLiveSpecification.AttributeName : undefined,
    };
  });
}

function hashKey(schema: readonly { readonly AttributeName: string; readonly KeyType: string }[]): string {
  return schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
}

export function kmsKeys(templates: ResolvedTemplates): readonly KmsKey[] {
  const aliases = templates.ofType('AWS::KMS::Alias');
  return templates.ofType('AWS::KMS::Key').map((resource) => {
    const arn = resource.arn();
    return {
      id: resource.ref,
      arn,
      policy: parsePolicy(resource.property('KeyPolicy')),
      aliases: aliases
        .filter((alias) => [arn, resource.ref].includes(String(alias.property('TargetKeyId'))))
        .map(({ ref }) => ref),
    };
  });
}

const InlinePolicies = z.array(z.object({ PolicyDocument: z.unknown() })).default([]);

/** The roles whose policies the template holds in full. A role with policies from elsewhere is left out. */
export function roles(templates: ResolvedTemplates): ReadonlyMap<string, Role> {
  const attached = templates.ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy').map((resource) => ({
    roles: z.array(z.string()).default([]).parse(resource.property('Roles')),
    policy: parsePolicy(resource.property('PolicyDocument')),
  }));
  return new Map(
    templates
      .ofType('AWS::IAM::Role')
      .filter(isSelfContained)
      .map((resource) => {
        const inline = InlinePolicies.parse(resource.property('Policies'));
        return [
          resource.arn(),
          {
            arn: resource.arn(),
            trust: parsePolicy(resource.property('AssumeRolePolicyDocument')),
            policies: [
              ...inline.map(({ PolicyDocument }) => parsePolicy(PolicyDocument)),
              ...attached.filter((one) => one.roles.includes(resource.ref)).map(({ policy }) => policy),
            ],
            maxSessionSeconds: z.number().default(3600).parse(resource.property('MaxSessionDuration')),
          },
        ];
      }),
  );
}

function isSelfContained(role: Resource): boolean {
  return role.property('ManagedPolicyArns') === undefined && role.property('PermissionsBoundary') === undefined;
}
