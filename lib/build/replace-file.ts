/** Writes a file whole or not at all, so that a server reading it never sees half a bundle. */
import { rename, writeFile } from 'node:fs/promises';

export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, content);
  await rename(draft, path);
}
