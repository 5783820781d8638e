import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Ties the files of a generation to what they were made from. */
export const manifestSchema = z.object({
  /** Goes up whenever an example's vector is made in another way. */
  formatVersion: z.literal(2),
  encoderHash: z.string(),
  library: z.string(),
  dimensions: z.int().positive(),
  exampleSetHash: z.string(),
  /** The id of the example under each label; null where one was removed. */
  exampleIds: z.array(z.string().nullable()),
  /** Of the graph's file; the exact index has none, it is made from the stored vectors. */
  indexSha256: z.string().optional(),
  builtAt: z.string(),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** What a generation must have been made with to be served. */
export interface Origin {
  readonly encoderHash: string;
  readonly library: string;
  readonly dimensions: number;
}

/** Why a generation can't be used with this encoder and library, or undefined when it can. */
export function findMismatch(manifest: Manifest, origin: Origin): string | undefined {
  if (manifest.encoderHash !== origin.encoderHash) return 'it was built with another encoder';
  if (manifest.library !== origin.library) return `it was built with ${manifest.library}`;
  if (manifest.dimensions !== origin.dimensions) return 'it has other dimensions';
  return undefined;
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
