import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Goes up whenever the same weights would give another model. */
const compilerVersion = 3;

const manifestName = 'switchyard.json';

const manifestSchema = z.object({
  formatVersion: z.literal(1),
  compilerVersion: z.literal(compilerVersion),
  sourceSha256: z.string(),
  files: z.record(z.string(), z.object({ bytes: z.int(), sha256: z.string() })),
});

/** What a compiled model consists of, and the weights that it was made from. */
export interface ModelContents {
  readonly files: readonly string[];
  readonly sourceSha256: string;
}

/** Describes the files as they are on disk, and puts the manifest beside them. */
export async function writeManifest(
  directory: string,
  { files, sourceSha256 }: ModelContents,
): Promise<void> {
  const manifest: z.infer<typeof manifestSchema> = {
    formatVersion: 1,
    compilerVersion,
    sourceSha256,
    files: {},
  };
  for (const file of files) {
    const path = join(directory, file);
    manifest.files[file] = { bytes: (await stat(path)).size, sha256: await hashFile(path) };
  }
  const json = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFile(join(directory, manifestName), json, { flush: true });
}

/** True when this compiler made all the files from these weights and they are still as it left them. */
export async function isIntact(
  directory: string,
  { files, sourceSha256 }: ModelContents,
): Promise<boolean> {
  try {
    const json: unknown = JSON.parse(await readFile(join(directory, manifestName), 'utf8'));
    const manifest = manifestSchema.parse(json);
    if (manifest.sourceSha256 !== sourceSha256) return false;
    for (const file of files) {
      const path = join(directory, file);
      const recorded = manifest.files[file];
      if ((await stat(path)).size !== recorded?.bytes) return false;
      if ((await hashFile(path)) !== recorded.sha256) return false;
    }
    return true;
  } catch {
    // Missing, unreadable or not ours: whatever it is, building it anew is the remedy.
    return false;
  }
}

/** SHA-256 of a file, in hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}
