/** What cdk-nag finds in a tree of constructs, acknowledged or not, and what is acknowledged there. */
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NagRuleCompliance, type IApplyRule } from 'cdk-nag';
import type { IConstruct } from 'constructs';

export interface NagFinding {
  /** Path of the construct. */
  readonly path: string;
  readonly id: string;
}

/** Every acknowledgement with the construct it stands on. */
export function acknowledgements(scope: IConstruct): readonly NagFinding[] {
  return scope.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.keys(data as object))
      .map((id) => ({ path: node.path, id: id.replace(/^annotation::/i, '') })),
  );
}

/** The rules that the app is checked with; the findings are taken before the acknowledged ones are left out. */
export class EveryFinding extends AwsSolutionsChecks {
  readonly #found: NagFinding[] = [];

  of(scope: IConstruct): readonly NagFinding[] {
    this.validateScope(scope);
    return this.#found;
  }

  protected override applyRule(rule: IApplyRule): void {
    const result = rule.rule(rule.node);
    const id = `${this.packName}-${rule.ruleSuffixOverride ?? rule.rule.name}`;
    const { path } = rule.node.node;
    if (result === NagRuleCompliance.NON_COMPLIANT) this.#found.push({ path, id });
    else if (Array.isArray(result)) this.#found.push(...result.map((one) => ({ path, id: `${id}[${one}]` })));
  }
}
