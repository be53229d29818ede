/** docs/errors.md against the three places where failures come from. */
import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { ErrorBody } from '../../lambda/admin/contract.ts';
import { HTTP_STATUS, type HttpErrorCode } from '../../adapters/http/json-edge.ts';
import { fault } from '../../core/fault.ts';
import { ERROR_CODES, type ErrorCode } from '../../core/error-codes.ts';
import { rpcError, type HttpErrorStatus } from '../../lambda/mcp/protocol/rpc-error.ts';
import { NOTHING_HERE } from '../../lib/edge-api.ts';
import { GATEWAY_ANSWERS, RPC_CODES } from '../../lib/gateway-responses.ts';
import { codeBlocks, codeSpans, readPage, section, tableRows } from './markdown.ts';

const page = readPage('docs/errors.md');

describe('docs/errors.md', () => {
  it('names every code of a tool failure with its meaning and its next step, and no other', () => {
    const told = tableRows(section(page, 'Tool failures')).map(([code = '', meaning, next]) => ({
      code: codeSpans(code)[0],
      meaning,
      next,
    }));
    const real = Object.entries(ERROR_CODES).map(([code, meaning]) => ({
      code,
      meaning,
      next: fault(code as ErrorCode, '').next,
    }));
    expect(told).toEqual(real);
  });

  it('names every HTTP status with its JSON-RPC code and where it comes from, and no other', async () => {
    const rows = tableRows(section(page, 'HTTP failures of `/mcp`'));
    const told = rows.map(([status, code, source = '']) => `${status} ${code} ${codeSpans(source)[0] ?? source}`);
    const real = [
      ...GATEWAY_ANSWERS.map(({ type, status, code }) => `${status ?? type.slice(-3).toLowerCase()} ${code} ${type}`),
      ...(await functionAnswers()),
      `405 ${RPC_CODES.methodNotAllowed} fixed answer`,
    ];
    expect(told.toSorted()).toEqual(real.toSorted());
    expect(new Set(rows.map(([, code]) => Number(code)))).toEqual(new Set(Object.values(RPC_CODES)));
    for (const row of rows) expect(row.every((cell) => cell !== '')).toBe(true);
  });

  it('shows what an unknown path is answered with', () => {
    const [block] = codeBlocks(section(page, 'Unknown paths'));
    const told = JSON.parse(block?.text ?? '') as Record<string, string>;
    const real = JSON.parse(NOTHING_HERE) as Record<string, string>;
    expect(Object.keys(told)).toEqual(Object.keys(real));
    for (const [name, text] of Object.entries(told))
      expect([name, real[name]?.startsWith(text.replace(/ \.\.\.$/, ''))]).toEqual([name, true]);
  });

  it('names every code of the JSON calls with its status, and who uses it', () => {
    const told = tableRows(section(page, 'Codes of the JSON calls')).map(([code = '', status = '', ...users]) => ({
      code: codeSpans(code)[0],
      status: Number.parseInt(status, 10),
      users: users.map((cell) => cell === 'yes'),
    }));
    const products = codesIn('lambda/mcp/products');
    const tenantKeys = codesIn('lambda/tenant-keys');
    const admin = new Set<string>(ErrorBody.shape.error.shape.code.options);
    const real = Object.entries(HTTP_STATUS).map(([code, status]) => ({
      code,
      status,
      users: [products, tenantKeys, admin].map((used) => used.has(code)),
    }));
    expect(told).toEqual(real);
  });
});

/** What the functions of the edge refuse with, besides what an app says itself. */
const OF_THE_EDGE: Readonly<Record<string, readonly HttpErrorCode[]>> = {
  readJson: ['invalid_input', 'too_large', 'unsupported_media_type'],
  unknownParameter: ['invalid_input'],
  wrongParameter: ['invalid_input'],
  wrongMethod: ['method_not_allowed'],
  serveJson: ['internal', 'unavailable'],
};

function codesIn(folder: string): ReadonlySet<string> {
  const text = readdirSync(folder)
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
    .join('\n');
  const own = [...text.matchAll(/\bcode: '(\w+)'/g)].map(([, code = '']) => code);
  const edge = Object.entries(OF_THE_EDGE).flatMap(([name, codes]) => (text.includes(`${name}(`) ? codes : []));
  return new Set([...own, ...edge]);
}

/** A status that the function does not use has no code. */
async function functionAnswers(): Promise<readonly string[]> {
  const statuses = Array.from({ length: 200 }, (_, i) => 400 + i);
  const bodies = await Promise.all(
    statuses.map(async (status) => {
      const body = (await rpcError(status as HttpErrorStatus, '').json()) as { error: { code?: number } };
      return { status, code: body.error.code };
    }),
  );
  return bodies.filter(({ code }) => code !== undefined).map(({ status, code }) => `${status} ${code} MCP function`);
}
