/**
 * Writes a file whole or not at all, so that a server reading it never sees half a bundle. The draft lies outside the
 * file's own folder, which is uploaded as it is.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Creates the folder where it does not exist. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  const draft = join(dirname(folder), `.draft-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  await writeFile(draft, content);
  await rename(draft, path);
}
