/**
 * Finds marked texts wherever they may have been left: in a file as bytes, in a row of the tables, in an answer, in
 * clear or in the encodings that programs put texts into.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openDynamoDb } from '../../emulator/dynamodb/dynamodb.ts';

export interface Found {
  readonly marker: string;
  readonly form: string;
  readonly where: string;
}

/** A text under each encoding in which it could be written; Base64 at each of its three alignments. */
export function formsOf(text: string): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(text, 'utf8');
  const forms: [string, string][] = [
    ['clear', text],
    ['JSON', JSON.stringify(text).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1)],
    ['percent-encoded', encodeURIComponent(text)],
    ['form-encoded', new URLSearchParams({ v: text }).toString().slice(2)],
    ['hex', bytes.toString('hex')],
    ['upper-case hex', bytes.toString('hex').toUpperCase()],
    ['reversed', Array.from(text).toReversed().join('')],
  ];
  for (const shift of [0, 1, 2]) {
    const aligned = Buffer.concat([Buffer.alloc(shift), bytes]);
    // The first and last characters also hold bits of the neighbours.
    const start = Math.ceil((shift * 4) / 3);
    const end = Math.floor((aligned.length * 4) / 3);
    forms.push([`Base64 at ${shift}`, aligned.toString('base64').slice(start, end)]);
    forms.push([`Base64url at ${shift}`, aligned.toString('base64url').slice(start, end)]);
  }
  const all = new Map(forms.map(([form, written]) => [form, Buffer.from(written, 'utf8')]));
  return all.set('UTF-16', Buffer.from(text, 'utf16le'));
}

export function findIn(content: Buffer | string, markers: readonly string[], where: string): readonly Found[] {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content, 'utf8');
  return markers.flatMap((marker) =>
    [...formsOf(marker)].filter(([, form]) => bytes.includes(form)).map(([form]) => ({ marker, form, where })),
  );
}

/** Every file below a folder as its bytes are, but the ones named. */
export function findInFiles(folder: string, markers: readonly string[], except: readonly string[]): readonly Found[] {
  return filesOf(folder)
    .filter((file) => !except.includes(relative(folder, file)))
    .flatMap((file) => findIn(readFileSync(file), markers, relative(folder, file)));
}

export function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * Every row of every table, read through the engine, because its files may be compressed. The runtime must have
 * stopped. Binary attributes are searched as their bytes.
 */
export async function findInTables(
  folder: string,
  markers: readonly string[],
  place: { readonly account: string; readonly region: string },
): Promise<{ readonly rows: number; readonly found: readonly Found[] }> {
  const dynamodb = await openDynamoDb({ folder, ...place });
  const found: Found[] = [];
  let rows = 0;
  try {
    const { TableNames } = (await dynamodb.call('ListTables', {})) as { TableNames: readonly string[] };
    for (const TableName of TableNames) {
      let from: unknown;
      do {
        const page = await dynamodb.call('Scan', {
          TableName,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        });
        for (const item of page['Items'] as readonly object[]) {
          rows += 1;
          const bytes = binariesOf(item).map((text) => Buffer.from(text, 'base64'));
          const all = Buffer.concat([Buffer.from(JSON.stringify(item)), ...bytes]);
          found.push(...findIn(all, markers, `${TableName} ${rows}`));
        }
        from = page['LastEvaluatedKey'];
      } while (from !== undefined);
    }
  } finally {
    await dynamodb.close();
  }
  return { rows, found };
}

/** The Base64 texts of all binary attributes. */
function binariesOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    name === 'B' && typeof inner === 'string' ? [inner] : binariesOf(inner),
  );
}
