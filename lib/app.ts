/**
 * The CDK app as a function, so that the CLI, the laptop runtime and the tests get the same template. The feature
 * flags come from cdk.json in every case: they decide logical ids.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import * as z from 'zod';
import { DataStack } from './data-stack.ts';
import { DeployConfig, readDeployConfig, type DeployConfigInput } from './deploy-config.ts';
import { DEFAULT_BUNDLES, PROJECT_ROOT } from './project.ts';
import { ServiceStack } from './service-stack.ts';

export const DATA_STACK = 'AllMcp-Data';
export const SERVICE_STACK = 'AllMcp-Service';

export interface AppOptions {
  /**
   * Where the cloud assembly is written.
   *
   * @default - the folder the CDK CLI asks for, else a temporary one
   */
  readonly outdir?: string;
  /**
   * Knobs of the deployment.
   *
   * @default - the context key `allmcp`
   */
  readonly config?: DeployConfigInput;
  /**
   * Folder with the built bundles.
   *
   * @default - dist/lambda of this package
   */
  readonly bundles?: string;
  /**
   * Whether cdk-nag runs; a finding fails synthesis.
   *
   * @default true
   */
  readonly checks?: boolean;
}

/** The app with both stacks, not yet synthesized. Throws when a knob is wrong or a bundle is missing. */
export function createApp({ outdir, config, bundles = DEFAULT_BUNDLES, checks = true }: AppOptions = {}): App {
  const app = new App({
    analyticsReporting: false,
    context: cdkContext(),
    ...(outdir === undefined ? {} : { outdir }),
  });
  if (checks) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const knobs = config === undefined ? readDeployConfig(app.node.tryGetContext('allmcp')) : DeployConfig.parse(config);
  // Not another id: ids of permissions are made of the stack's, and a name must decide nothing but names.
  const { data } = new DataStack(app, DATA_STACK, { stackName: stackName(DATA_STACK, knobs.name), config: knobs });
  new ServiceStack(app, SERVICE_STACK, {
    stackName: stackName(SERVICE_STACK, knobs.name),
    data,
    config: knobs,
    bundles,
  });
  return app;
}

/** Synthesizes both stacks into `outdir`, without the CDK CLI, AWS settings or network. */
export function synthesize(outdir: string, options: Omit<AppOptions, 'outdir'> = {}): CloudAssembly {
  return createApp({ ...options, outdir }).synth();
}

/** Everything that has a name in the account takes it from its stack, but for the API's own (edge-api.ts). */
export function stackName(stack: string, name: string | undefined): string {
  return name === undefined ? stack : stack.replace('-', `-${name}-`);
}

function cdkContext(): Record<string, unknown> {
  const file = JSON.parse(readFileSync(join(PROJECT_ROOT, 'cdk.json'), 'utf8')) as unknown;
  return z.object({ context: z.record(z.string(), z.unknown()) }).parse(file).context;
}
