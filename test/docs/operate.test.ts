/** docs/operate.md against the knobs, the outputs and alarms of the template, and the options of the laptop. */
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { DeployConfig } from '../../lib/deploy-config.ts';
import { readOptions, USAGE } from '../../local/options.ts';
import { resources, synthesized } from '../lib/synthesized.ts';
import { codeSpans, readPage, section, tableRows } from './markdown.ts';

const page = readPage('docs/operate.md');
const firstCells = (text: string): readonly (string | undefined)[] =>
  tableRows(text).map(([cell = '']) => codeSpans(cell)[0]);

/** Every knob by its path, found in the schema so that a knob without a default counts too. */
function knobs(schema: unknown, path: readonly string[] = []): readonly string[] {
  if (schema instanceof z.ZodPrefault) return knobs(schema.unwrap(), path);
  if (!(schema instanceof z.ZodObject)) return [path.join('.')];
  return Object.entries(schema.shape).flatMap(([name, inner]) => knobs(inner, [...path, name]));
}

function defaultOf(knob: string): unknown {
  return knob
    .split('.')
    .reduce<unknown>((value, name) => (Object(value) as Record<string, unknown>)[name], DeployConfig.parse({}));
}

describe('docs/operate.md', () => {
  it('names every knob with its default, and no other', () => {
    const told = tableRows(section(page, 'Knobs')).map(([knob = '', value = '']) => [
      codeSpans(knob)[0],
      value === 'none' ? undefined : JSON.parse(codeSpans(value)[0] ?? ''),
    ]);
    expect(told).toEqual(knobs(DeployConfig).map((knob) => [knob, defaultOf(knob)]));
  });

  it('names every output of the stack, and no other', () => {
    expect(firstCells(section(page, 'Outputs'))).toEqual(Object.keys(synthesized().service.Outputs));
  });

  it('names every alarm, and no other', () => {
    const alarms = resources(synthesized().service, 'AWS::CloudWatch::Alarm').map(([id]) =>
      id.replace(/^Observability/, '').replace(/[0-9A-F]{8}$/, ''),
    );
    expect(firstCells(section(page, 'Alarms'))).toEqual(alarms);
  });

  it('names every option and every variable of the laptop, and no other', () => {
    const laptop = section(page, 'The laptop');
    const [options = '', variables = ''] = laptop.split(/^\| Variable/m);
    const [flags = '', environment = ''] = USAGE.split('Environment:');
    expect(firstCells(options)).toEqual(flags.match(/(?<=^ {2})--[a-z-]+/gm));
    expect(firstCells(`| Variable${variables}`)).toEqual(environment.match(/\bPORT\b|\b[A-Z]+_[A-Z_]+\b/g));
  });

  it('shows a start that the laptop understands', () => {
    const [, command = ''] = /^npm start -- (.*)$/m.exec(section(page, 'The laptop')) ?? [];
    expect(readOptions(command.split(' '), {}, '/')).toMatchObject({
      port: 9000,
      routes: { 'demo.bitrix24.com': 'http://127.0.0.1:4010' },
    });
  });
});
