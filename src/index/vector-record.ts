import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { TextVectors } from '../embedding/embedder.ts';
import { joinFeatures } from '../embedding/features.ts';
import { assertUnitVector } from './vector-index.ts';

/** What the records of a file have in common. */
export interface RecordFormat {
  readonly dimensions: number;
  readonly featureDimensions: number;
}

const keyBytes = 16;
const checksumBytes = 4;
const headBytes = keyBytes + checksumBytes;
const largestByte = 127;

export function recordBytes({ featureDimensions }: RecordFormat): number {
  return headBytes + featureDimensions;
}

/** By which the vectors of a text are found: the first half of its SHA-256, in hex. */
export function keyOf(text: string): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, keyBytes * 2);
}

/**
 * The key of the text, a CRC-32, and every component as a byte. Unit vectors need no scale: the largest component
 * becomes 127. Throws RangeError when a vector is no unit vector.
 */
export function encodeRecord(text: string, features: Float32Array, format: RecordFormat): Buffer {
  assertUnitVector(features, format.featureDimensions);
  const record = Buffer.alloc(recordBytes(format));
  record.write(keyOf(text), 'hex');
  for (let start = 0; start < features.length; start += format.dimensions) {
    const part = features.subarray(start, start + format.dimensions);
    const largest = part.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    if (!(largest > 0)) throw new RangeError('A view of the text has no direction.');
    for (const [i, value] of part.entries()) {
      record.writeInt8(Math.round((value * largestByte) / largest), headBytes + start + i);
    }
  }
  record.writeUInt32LE(crc32(record.subarray(headBytes)), keyBytes);
  return record;
}

/** The key of an intact record, undefined for a damaged one. */
export function readKey(record: Buffer): string | undefined {
  const isIntact = crc32(record.subarray(headBytes)) === record.readUInt32LE(keyBytes);
  return isIntact ? record.toString('hex', 0, keyBytes) : undefined;
}

export function decodeRecord(record: Buffer, { dimensions }: RecordFormat): TextVectors {
  const vector = toUnitVector(record.subarray(headBytes, headBytes + dimensions));
  const middle = record.subarray(headBytes + dimensions);
  const features = joinFeatures(vector, middle.length > 0 ? toUnitVector(middle) : undefined);
  return { vector, features };
}

// Plain loops: a set of examples has millions of components.
function toUnitVector(bytes: Buffer): Float32Array {
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  let squares = 0;
  for (let i = 0; i < signed.length; i += 1) squares += (signed[i] as number) ** 2;
  const scale = 1 / Math.sqrt(squares);
  const vector = new Float32Array(signed.length);
  for (let i = 0; i < signed.length; i += 1) vector[i] = (signed[i] as number) * scale;
  return vector;
}
