/** docs/errors.md against the three places where failures come from. */
import { describe, expect, it } from '@jest/globals';
import { ErrorBody } from '../../lambda/admin/contract.ts';
import { refuseAdmin } from '../../lambda/admin/refusal.ts';
import { fault } from '../../core/provider/classify.ts';
import { ERROR_CODES, type ErrorCode } from '../../core/errors.ts';
import { STATUS } from '../../lambda/mcp/products/response.ts';
import { rpcError, type HttpErrorStatus } from '../../lambda/mcp/protocol/rpc-error.ts';
import { FAILURES } from '../../lambda/tenant-keys/app.ts';
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

  it('names every code of the function that makes tenant keys with its status, and no other', () => {
    const told = tableRows(section(page, 'Failures of `/tenant-keys`')).map(([code = '', status = '']) => [
      codeSpans(code)[0],
      Number.parseInt(status, 10),
    ]);
    expect(told).toEqual(Object.entries(FAILURES));
  });

  it('names every code of the admin API with its status, and no other', () => {
    const told = tableRows(section(page, 'Failures of `/admin/v1`')).map(
      ([code = '', status = '']) => `${codeSpans(code)[0]} ${Number.parseInt(status, 10)}`,
    );
    const real = ErrorBody.shape.error.shape.code.options.map(
      (code) => `${code} ${refuseAdmin({ code, message: '', next: '' }).status}`,
    );
    expect(told).toEqual(real);
  });

  it('names every code of the HTTP calls for products with its status, and no other', () => {
    const told = tableRows(section(page, 'Failures of `/connect-links` and `/connections`')).map(
      ([code = '', status = '']) => `${codeSpans(code)[0]} ${Number.parseInt(status, 10)}`,
    );
    expect(told).toEqual(Object.entries(STATUS).map(([code, status]) => `${code} ${status}`));
  });
});

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
