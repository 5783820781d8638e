import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Replaces a file as a whole and durably, so that nobody ever reads half of it. Throws as the file system does, and then
 * leaves everything as it was.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const next = `${path}.${randomUUID()}`;
  try {
    writeFileSync(next, content, { flush: true });
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}
