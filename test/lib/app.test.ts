/** The app as people use it: checked by cdk-nag, configured by context, embedded in a stack of their own. */
import { describe, expect, it } from '@jest/globals';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AllMcp } from '../../lib/all-mcp.ts';
import { FUNCTIONS } from '../../lib/functions.ts';
import { createApp, DATA_STACK } from '../../lib/app.ts';
import { acknowledgements, EveryFinding } from './findings.ts';
import { emptyBundles, scratchFolder, synthesized } from './synthesized.ts';

describe('the app', () => {
  it('has no finding of cdk-nag that is not acknowledged with a reason, whatever the knobs', () => {
    expect(() => synthesized({}, true)).not.toThrow();
    expect(() =>
      synthesized({ stage: 'prod', tracing: true, logs: { apiGatewayAccountRole: 'existing' } }, true),
    ).not.toThrow();
  });

  it('acknowledges nothing that cdk-nag would not find', () => {
    const app = createApp({ bundles: emptyBundles(), config: { tracing: true }, checks: false });
    const acknowledged = acknowledgements(app);
    const found = new EveryFinding().of(app);
    expect(acknowledged.length).toBeGreaterThan(20);
    const idle = acknowledged.filter(
      ({ path, id }) => !found.some((finding) => finding.id === id && finding.path.startsWith(`${path}/`)),
    );
    expect(idle).toEqual([]);
  });

  it('would not synthesize with a new finding', () => {
    const app = createApp({ outdir: scratchFolder(), bundles: emptyBundles(), config: {}, checks: true });
    const stack = app.node.findChild(DATA_STACK);
    new Table(stack, 'Careless', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
    expect(() => app.synth()).toThrow(/AwsSolutions-DDB3/);
  });

  it('names the missing bundle and the command that builds it', () => {
    expect(() => createApp({ bundles: scratchFolder(), config: {}, checks: false })).toThrow(
      /There is no bundle .*authorizer.*Run "npm run build" first/,
    );
  });

  it('takes the feature flags, which decide logical ids, from cdk.json even without the CLI', () => {
    const flags = createApp({ bundles: emptyBundles(), config: {}, checks: false });
    expect(flags.node.tryGetContext('@aws-cdk/core:defaultCrossStackReferences')).toBe('strong');
  });
});

describe('the embedded construct', () => {
  it('holds data and service in one stack of another app, and passes cdk-nag', () => {
    const app = new App({ analyticsReporting: false, outdir: scratchFolder() });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = new Stack(app, 'Theirs');
    const allMcp = new AllMcp(stack, 'AllMcp', { bundles: emptyBundles(), config: { throttle: { burst: 7 } } });
    app.synth();
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::DynamoDB::GlobalTable', 2);
    template.resourceCountIs('AWS::Lambda::Function', FUNCTIONS.length);
    template.hasResourceProperties('AWS::ApiGateway::Stage', {
      MethodSettings: [{ ThrottlingBurstLimit: 7, ThrottlingRateLimit: 200 }],
    });
    expect(allMcp.service.mcpUrl).toMatch(/\/mcp$/);
  });
});
