/**
 * `npx tsx test/fakes/bitrix24-main.ts [--port 4010]`: the fake portal as a program, to try the product without a
 * Bitrix24 account. Prints the webhook to connect with, then runs until it is stopped.
 */
import { parseArgs } from 'node:util';
import { startBitrix24Fake } from './bitrix24.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4010' },
    host: { type: 'string', default: 'demo.bitrix24.com' },
  },
});
const fake = await startBitrix24Fake({ port: Number(values.port) });
process.stdout.write(
  [
    `Fake Bitrix24 portal on ${fake.url}`,
    `Route it:   npm start -- --route ${values.host}=${fake.url}`,
    `Connect it: https://${values.host}${fake.path}`,
    '',
  ].join('\n'),
);
