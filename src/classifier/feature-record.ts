// What a text was decided by, as bytes: enough to decide again, with other examples or other settings, without the encoder.
import type { TextVectors } from '../embedding/embedder.ts';
import {
  type FeatureFormat,
  quantiseFeatures,
  restoreFeatures,
} from '../embedding/quantised-features.ts';
import type { SparseIds } from './feature-ids.ts';

interface Recordable {
  readonly views: readonly Pick<TextVectors, 'features'>[];
  readonly sparse: SparseIds;
}

export interface RecordedFeatures extends Recordable {
  /** Of each view, in order: to a byte a component. */
  readonly views: readonly TextVectors[];
  /** To a 2,048th. */
  readonly sparse: SparseIds;
}

/**
 * Goes up whenever the layout or the meaning changes. Conversations, once they are weighed, add their share and their prior.
 *
 *   u8 version, u8 tier, u8 views, u16 dimensions, u16 feature dimensions, then a view after the other, an i8 a component,
 *   then the sparse features, each a u32 id and a u16 weight. Little-endian.
 */
const version = 1;
/** Who made the vectors, by number. */
const tiers = ['transformer'] as const;
const headBytes = 7;
const sparseBytes = 6;
const weightSteps = 2_048;
const largestWeight = 0xffff;

export function encodeFeatures(
  { views, sparse }: Recordable,
  { dimensions, featureDimensions }: FeatureFormat,
): Uint8Array {
  const viewBytes = views.length * featureDimensions;
  const record = Buffer.alloc(headBytes + viewBytes + sparse.size * sparseBytes);
  record.set([version, tiers.indexOf('transformer'), views.length]);
  record.writeUInt16LE(dimensions, 3);
  record.writeUInt16LE(featureDimensions, 5);
  for (const [index, { features }] of views.entries()) {
    const bytes = quantiseFeatures(features, { dimensions });
    record.set(new Uint8Array(bytes.buffer), headBytes + index * featureDimensions);
  }
  let at = headBytes + viewBytes;
  for (const [id, weight] of sparse) {
    record.writeUInt32LE(id, at);
    record.writeUInt16LE(Math.min(largestWeight, Math.round(weight * weightSteps)), at + 4);
    at += sparseBytes;
  }
  return record;
}

/** Undefined for a record of another version, or one that is cut short. */
export function decodeFeatures(bytes: Uint8Array): RecordedFeatures | undefined {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (record.length < headBytes || record[0] !== version) return undefined;
  const count = record[2] ?? 0;
  const dimensions = record.readUInt16LE(3);
  const featureDimensions = record.readUInt16LE(5);
  const sparseAt = headBytes + count * featureDimensions;
  if (record.length < sparseAt || (record.length - sparseAt) % sparseBytes !== 0) return undefined;
  const views = Array.from({ length: count }, (_, index) => {
    const start = record.byteOffset + headBytes + index * featureDimensions;
    return restoreFeatures(new Int8Array(record.buffer, start, featureDimensions), { dimensions });
  });
  const sparse = new Map<number, number>();
  for (let at = sparseAt; at < record.length; at += sparseBytes) {
    sparse.set(record.readUInt32LE(at), record.readUInt16LE(at + 4) / weightSteps);
  }
  return { views, sparse };
}
