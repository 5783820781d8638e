import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { TextVectors } from '../embedding/embedder.ts';
import { vectorOfFeatures } from '../embedding/features.ts';
import { assertUnitVector } from './vector-index.ts';

/** Vectors already computed, by the text they were computed from, for one encoder. */
export interface VectorStore {
  readonly size: number;
  get(text: string): TextVectors | undefined;
  /**
   * Durable when it returns. The features are enough, since they begin with the vector. Throws RangeError when one
   * of either is no unit vector, and then keeps none.
   */
  put(entries: readonly { readonly text: string; readonly features: Float32Array }[]): void;
  close(): void;
}

export interface VectorStoreOptions {
  readonly path: string;
  readonly dimensions: number;
  readonly featureDimensions: number;
  /** Only the owner cuts a damaged end off: for others it may be a record that is being written. */
  readonly isOwner: boolean;
}

const keyBytes = 32;
const checksumBytes = 4;

/**
 * Opens or creates an append-only file of records: SHA-256 of the text, CRC-32, the features as float32 in the
 * machine's order. Records from the first damaged one on are dropped; they are only computed again.
 */
export function openVectorStore(options: VectorStoreOptions): VectorStore {
  const { path, dimensions, featureDimensions, isOwner } = options;
  mkdirSync(dirname(path), { recursive: true });
  const recordBytes = keyBytes + checksumBytes + featureDimensions * 4;
  const stored = new Map<string, Float32Array>();

  let intactBytes = 0;
  const content = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  while (intactBytes + recordBytes <= content.length) {
    const record = content.subarray(intactBytes, intactBytes + recordBytes);
    const values = record.subarray(keyBytes + checksumBytes);
    if (crc32(values) !== record.readUInt32LE(keyBytes)) break;
    stored.set(record.toString('hex', 0, keyBytes), toFloats(values));
    intactBytes += recordBytes;
  }
  const handle = openSync(path, 'a');
  if (isOwner) ftruncateSync(handle, intactBytes);

  return {
    get size() {
      return stored.size;
    },
    get(text) {
      const features = stored.get(keyOf(text).toString('hex'));
      return features && { vector: vectorOfFeatures(features, dimensions), features };
    },
    put(entries) {
      for (const { features } of entries) {
        assertUnitVector(features, featureDimensions);
        assertUnitVector(vectorOfFeatures(features, dimensions), dimensions);
      }
      const records = entries.map(({ text, features }) => {
        const values = Buffer.from(features.buffer, features.byteOffset, features.byteLength);
        const checksum = Buffer.alloc(checksumBytes);
        checksum.writeUInt32LE(crc32(values));
        return Buffer.concat([keyOf(text), checksum, values]);
      });
      appendFileSync(handle, Buffer.concat(records));
      fsyncSync(handle);
      for (const { text, features } of entries) stored.set(keyOf(text).toString('hex'), features);
    },
    close: () => closeSync(handle),
  };
}

function keyOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function toFloats(bytes: Buffer): Float32Array {
  // A copy, since a view needs an offset that is a multiple of four.
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
