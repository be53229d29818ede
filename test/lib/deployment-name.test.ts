/** Two deployments in one account and region: nothing of the one has the name of something of the other. */
import { describe, expect, it } from '@jest/globals';
import { readAssembly } from '../../emulator/cloudformation/assembly.ts';
import { EMULATED_PLACE } from '../../emulator/cloudformation/physical.ts';
import { resolveTemplates } from '../../emulator/cloudformation/resolve.ts';
import { synthesize } from '../../lib/app.ts';
import { readDeployConfig } from '../../lib/deploy-config.ts';
import { emptyBundles, resources, scratchFolder, synthesized } from './synthesized.ts';

/** Named by API Gateway, CloudWatch or IAM inside something of ours, or by nobody. */
const NAMELESS = /^AWS::(ApiGateway::(?!RestApi)|Lambda::(Permission|EventInvokeConfig)|IAM::Policy|CDK::)/;

function deployment(config: object) {
  const { directory, stacks } = synthesize(scratchFolder(), { config, bundles: emptyBundles(), checks: false });
  const assembly = readAssembly(directory);
  const templates = resolveTemplates(assembly, EMULATED_PLACE);
  const types = new Set(assembly.flatMap(({ template }) => Object.values(template.Resources).map(({ Type }) => Type)));
  const names = templates
    .ofType(...[...types].filter((type) => !NAMELESS.test(type)))
    .map(({ type, ref }) => `${type} ${ref}`);
  const metrics = templates
    .ofType('AWS::CloudWatch::Alarm')
    .flatMap((alarm) =>
      JSON.stringify([alarm.property('Namespace'), alarm.property('Dimensions'), alarm.property('Metrics')]),
    );
  return { stacks: stacks.map(({ stackName }) => stackName), names, metrics };
}

const [one, staging] = [deployment({}), deployment({ name: 'staging' })];

describe('a deployment with a name', () => {
  it('has stacks of its own, and the one without keeps its', () => {
    expect(one.stacks).toEqual(['AllMcp-Data', 'AllMcp-Service']);
    expect(staging.stacks).toEqual(['AllMcp-staging-Data', 'AllMcp-staging-Service']);
  });

  it('shares no name with another deployment of the account', () => {
    expect(one.names.length).toBeGreaterThan(50);
    expect(staging.names.filter((name) => one.names.includes(name))).toEqual([]);
    expect(new Set(staging.names).size).toBe(staging.names.length);
  });

  it('has alarms that count nothing of another deployment', () => {
    expect(staging.metrics.filter((metric) => one.metrics.includes(metric))).toEqual([]);
    expect(staging.metrics.join()).toContain('"Value":"AllMCP-staging"');
  });

  it('has the same logical ids, so that a name decides nothing else', () => {
    const [ours, theirs] = [synthesized(), synthesized({ name: 'staging' })];
    for (const stack of ['data', 'service'] as const)
      expect(Object.keys(theirs[stack].Resources).map(withoutDeployment)).toEqual(
        Object.keys(ours[stack].Resources).map(withoutDeployment),
      );
    expect(resources(theirs.service, 'AWS::ApiGateway::RestApi')[0]?.[1].Properties.Name).toBe('AllMCP-staging');
  });

  it.each(['Staging', '', 'a-b', '1st', 'x'.repeat(17), 'a b'])('is refused as %j', (name) => {
    expect(() => readDeployConfig({ name })).toThrow(/name: use 1-16 of a-z and 0-9/);
  });
});

/** The id of a deployment of the API changes with whatever it deploys. */
function withoutDeployment(logicalId: string): string {
  return logicalId.replace(/(Deployment[0-9A-F]{8})[0-9a-f]{32}$/, '$1');
}
