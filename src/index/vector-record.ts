import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { TextVectors } from '../embedding/embedder.ts';
import {
  type FeatureFormat,
  quantiseFeatures,
  restoreFeatures,
} from '../embedding/quantised-features.ts';
import { assertUnitVector } from './vector-index.ts';

const keyBytes = 16;
const checksumBytes = 4;
const headBytes = keyBytes + checksumBytes;

export function recordBytes({ featureDimensions }: FeatureFormat): number {
  return headBytes + featureDimensions;
}

/** By which the vectors of a text are found: the first half of its SHA-256, in hex. */
export function keyOf(text: string): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, keyBytes * 2);
}

/** The key of the text, a CRC-32, and every component as a byte. Throws RangeError when a vector is no unit vector. */
export function encodeRecord(text: string, features: Float32Array, format: FeatureFormat): Buffer {
  assertUnitVector(features, format.featureDimensions);
  const record = Buffer.alloc(recordBytes(format));
  record.write(keyOf(text), 'hex');
  record.set(new Uint8Array(quantiseFeatures(features, format).buffer), headBytes);
  record.writeUInt32LE(crc32(record.subarray(headBytes)), keyBytes);
  return record;
}

/** The key of an intact record, undefined for a damaged one. */
export function readKey(record: Buffer): string | undefined {
  const isIntact = crc32(record.subarray(headBytes)) === record.readUInt32LE(keyBytes);
  return isIntact ? record.toString('hex', 0, keyBytes) : undefined;
}

export function decodeRecord(record: Buffer, format: FeatureFormat): TextVectors {
  const bytes = record.subarray(headBytes);
  return restoreFeatures(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length), format);
}
