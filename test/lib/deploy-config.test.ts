/** Knobs: every one has a default, and a mistake is an error that says what was meant. */
import { describe, expect, it } from '@jest/globals';
import { readDeployConfig } from '../../lib/deploy-config.ts';

describe('the deployment knobs', () => {
  it('all have a default', () => {
    expect(readDeployConfig(undefined)).toEqual({
      stage: 'v1',
      data: { retain: true, recoveryDays: 35 },
      functions: {
        mcp: { memoryMb: 512, timeoutSeconds: 60 },
        admin: { memoryMb: 256, timeoutSeconds: 25 },
        connect: { memoryMb: 256, timeoutSeconds: 28 },
        events: { memoryMb: 256, timeoutSeconds: 55 },
        authorizer: { memoryMb: 256, timeoutSeconds: 10 },
      },
      allowedOrigins: [],
      throttle: { requestsPerSecond: 200, burst: 400 },
      logs: { retentionDays: 365, apiGatewayAccountRole: 'create', eventsPolicy: 'create' },
      alarms: {},
      detailedMetrics: false,
      tracing: false,
    });
  });

  it('are read from an object and from the JSON text that -c passes, alike', () => {
    const knobs = { throttle: { burst: 50 }, tracing: true };
    expect(readDeployConfig(knobs)).toEqual(readDeployConfig(JSON.stringify(knobs)));
    expect(readDeployConfig(knobs)).toMatchObject({ throttle: { burst: 50, requestsPerSecond: 200 }, tracing: true });
  });

  it('take web origins and those of desktop apps', () => {
    const allowedOrigins = ['https://app.example.com', 'http://intranet:8080', 'vscode-webview://abc'];
    expect(readDeployConfig({ allowedOrigins }).allowedOrigins).toEqual(allowedOrigins);
  });

  it.each([
    [{ throtle: {} }, /unknown knob "throtle"; did you mean "throttle"\?/],
    [{ throttle: { brust: 5 } }, /unknown knob "throttle\.brust"; did you mean "burst"\?/],
    [{ functions: { mcp: { memory: 512 } } }, /unknown knob "functions\.mcp\.memory"; did you mean "memoryMb"\?/],
    [{ qqqqqqqqqq: 1 }, /unknown knob "qqqqqqqqqq" There are: name, stage, data, functions/],
    [{ tracing: 'yes' }, /tracing: .*boolean/],
    [{ functions: { events: { timeoutSeconds: 10 } } }, /functions\.events\.timeoutSeconds: .*20/],
    [{ functions: { authorizer: { timeoutSeconds: 30 } } }, /functions\.authorizer\.timeoutSeconds: .*10/],
    [{ logs: { retentionDays: 100 } }, /logs\.retentionDays/],
    [{ stage: 'V 1' }, /stage: use 1-32 of a-z/],
    [{ alarms: { topicArn: 'ops' } }, /alarms\.topicArn: give the ARN/],
    [{ publicUrl: 'http://mcp.example.com' }, /publicUrl: give an address like/],
    [{ publicUrl: 'https://mcp.example.com/' }, /publicUrl: give an address like/],
    [{ publicUrl: 'https://mcp.example.com/a?b' }, /publicUrl: give an address like/],
    [{ allowedOrigins: ['https://app.example.com/'] }, /allowedOrigins\.0: give origins like/],
    [{ allowedOrigins: ['https://app.example.com:443'] }, /allowedOrigins\.0: give origins like/],
    [{ allowedOrigins: ['https://*.example.com'] }, /allowedOrigins\.0: give origins like .*; there is no wildcard/],
    [{ allowedOrigins: ['*'] }, /allowedOrigins\.0: give origins like/],
    [{ allowedOrigins: ['null'] }, /allowedOrigins\.0: give origins like/],
    [{ allowedOrigins: 'https://app.example.com' }, /allowedOrigins: .*array/],
    ['{tracing}', /not JSON: \{tracing\}\. Pass it like/],
    [7, /allmcp: .*object/],
  ])('refuse %j, naming the knob and what was meant', (context, message) => {
    expect(() => readDeployConfig(context)).toThrow(message);
  });
});
