/**
 * `bootstrap`: the first operator key of a deployed AllMCP, minted by a function that only IAM can invoke. It uses
 * the AWS settings of the shell. The key is printed once.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import { printJson, printable, Refused, type Io } from '../terminal/io.ts';
import { forServer, type ServerOptions } from '../terminal/options.ts';
import { dataFolder, localServer, OPERATOR_KEY_FILE } from '../admin-api/target.ts';

interface BootstrapOptions extends ServerOptions {
  readonly function?: string;
  readonly outputs?: string;
}

const DEFAULT_OUTPUTS = 'cdk-outputs.json';
const OUTPUT = 'BootstrapFunctionName';
const Outputs = z.record(z.string(), z.record(z.string(), z.string()));
const Minted = z.object({ id: z.string(), operator_key: z.string() });

export function addBootstrap(program: Command, io: Io): void {
  forServer(program.command('bootstrap'), 'bootstrap --function AllMcp-Service-Bootstrap1A2B3C')
    .description('make the first operator key of a deployed AllMCP')
    .option('--function <name>', `the stack's output ${OUTPUT}`)
    .option('--outputs <file>', `what \`cdk deploy --outputs-file\` wrote (default: ${DEFAULT_OUTPUTS})`)
    .action(async (options: BootstrapOptions) => {
      const data = dataFolder(io, options.data);
      const named = options.function ?? (options.outputs === undefined ? undefined : fromOutputs(io, options.outputs));
      if (named === undefined && localServer(io, data) !== undefined) return alreadyThere(io, data, options.json);
      const minted = await invoke(named ?? fromOutputs(io, DEFAULT_OUTPUTS));
      if (options.json === true) return printJson(io, minted);
      io.out(`Operator key ${printable(minted.id)}, for every client:\n\n  ${printable(minted.operator_key)}\n\n`);
      io.out('It is shown this once. Set it as ALLMCP_OPERATOR_KEY, beside ALLMCP_URL.\n');
    });
}

/** The laptop runtime does this by itself at its first start. */
function alreadyThere(io: Io, data: string, json: boolean | undefined): void {
  const file = path.join(data, OPERATOR_KEY_FILE);
  if (json === true) return printJson(io, { id: null, operator_key_file: file });
  io.out(`The local server has its operator key already, in ${file}.\n`);
  io.out('Commands find it by themselves. For a deployed AllMCP, name its function with --function.\n');
}

function fromOutputs(io: Io, file: string): string {
  const how = `Deploy with \`npx cdk deploy --all --outputs-file ${DEFAULT_OUTPUTS}\`, or give --function NAME.`;
  let text: string;
  try {
    text = readFileSync(path.resolve(io.cwd, file), 'utf8');
  } catch {
    throw new Refused(`Which function mints the key is not known: there is no ${file}.`, how);
  }
  const stacks = Outputs.safeParse(parseJson(text));
  const names = Object.values(stacks.data ?? {}).flatMap((outputs) =>
    Object.entries(outputs).flatMap(([name, value]) => (name.startsWith(OUTPUT) ? [value] : [])),
  );
  const [only] = new Set(names);
  if (only === undefined || new Set(names).size > 1)
    throw new Refused(`${file} ${only === undefined ? 'does not name' : 'names more than one'} ${OUTPUT}.`, how);
  return only;
}

async function invoke(name: string): Promise<z.infer<typeof Minted>> {
  // Loaded here: no other command needs the SDK.
  const { LambdaClient, InvokeCommand } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({});
  try {
    const response = await client.send(new InvokeCommand({ FunctionName: name, Payload: '{}' }));
    const payload = parseJson(Buffer.from(response.Payload ?? []).toString('utf8'));
    const minted = Minted.safeParse(payload);
    if (response.FunctionError === undefined && minted.success) return minted.data;
  } catch (error) {
    throw notInvoked(error);
  } finally {
    client.destroy();
  }
  throw new Refused('The function ran and made no key.', 'Look at its log in CloudWatch, then try again.');
}

/** By the error's class: AWS's own sentence may quote account ids, and is not needed to know what to do. */
function notInvoked(error: unknown): Refused {
  const name = error instanceof Error ? error.name : '';
  if (name === 'ResourceNotFoundException')
    return new Refused('There is no such function in this account and region.', 'Check --function and AWS_REGION.');
  if (name === 'AccessDeniedException')
    return new Refused(
      'These AWS credentials may not invoke the function.',
      'Use a role that has lambda:InvokeFunction on it.',
    );
  return new Refused(
    `AWS could not be asked (${printable(name)}).`,
    'Check AWS_PROFILE or the credentials of this shell, and AWS_REGION.',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
