/**
 * AllMCP as one construct, for teams that vendor this repository and put it into a stack of their own. The same
 * constructs as in the two stacks; what differs is that data and service then share the stack's life, so protect that
 * stack.
 */
import { Construct } from 'constructs';
import { composeData, type Data } from './data-stack.ts';
import { DeployConfig, type DeployConfigInput } from './deploy-config.ts';
import { DEFAULT_BUNDLES } from './project.ts';
import { composeService, type Service } from './service-stack.ts';

export interface AllMcpProps {
  /**
   * Knobs of the deployment.
   *
   * @default - every knob's default, see deploy-config.ts
   */
  readonly config?: DeployConfigInput;
  /**
   * Folder with the built bundles.
   *
   * @default - dist/lambda of this package
   */
  readonly bundles?: string;
}

/**
 * @example
 * const allMcp = new AllMcp(this, 'AllMcp', { config: { throttle: { requestsPerSecond: 50 } } });
 * new CfnOutput(this, 'Url', { value: allMcp.service.mcpUrl });
 */
export class AllMcp extends Construct {
  readonly data: Data;
  readonly service: Service;

  constructor(scope: Construct, id: string, { config = {}, bundles = DEFAULT_BUNDLES }: AllMcpProps = {}) {
    super(scope, id);
    const knobs = DeployConfig.parse(config);
    this.data = composeData(this, knobs);
    this.service = composeService(this, { data: this.data, config: knobs, bundles });
  }
}
