/**
 * A function's role is good for that role's own functions and for nothing else. Who may make a function and pass it a role
 * (`lambda:CreateFunction` or `UpdateFunctionConfiguration` with `iam:PassRole`) would otherwise become any tenant with
 * code of their own. Lambda writes the ARN of the function into the credentials that it gives to it, and IAM compares it
 * in identity policies (https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html); trust and key
 * policies cannot. The policies stand here because they name functions, which the roles' own stack must not.
 */
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export interface OwnFunctionsProps {
  /** The roles of functions. */
  readonly roles: readonly iam.Role[];
  /** Every function that runs with one of them. */
  readonly functions: readonly lambda.Function[];
}

/** Logs and traces are left out: Lambda writes some of them from outside the function. */
const CONFINED_ACTIONS = ['sts:AssumeRole', 'sts:TagSession', 'dynamodb:*', 'kms:*'];

export class OwnFunctions extends Construct {
  constructor(scope: Construct, id: string, { roles, functions }: OwnFunctionsProps) {
    super(scope, id);
    for (const role of roles) {
      const own = functions.filter((fn) => fn.role?.roleArn === role.roleArn);
      if (own.length === 0) throw new Error(`${role.node.path} has no function: its role would be good for any.`);
      new iam.Policy(this, role.node.id, {
        roles: [role],
        statements: [
          new iam.PolicyStatement({
            sid: 'OwnFunctionsOnly',
            effect: iam.Effect.DENY,
            actions: CONFINED_ACTIONS,
            resources: ['*'],
            conditions: { ArnNotEquals: { 'lambda:SourceFunctionArn': own.map((fn) => fn.functionArn) } },
          }),
        ],
      });
    }
  }
}
