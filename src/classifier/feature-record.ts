// What a text was decided by, as bytes: enough to decide again, with other examples or other settings, without the encoder.
import type { TextVectors } from '../embedding/embedder.ts';
import {
  type FeatureFormat,
  quantiseFeatures,
  restoreFeatures,
} from '../embedding/quantised-features.ts';
import type { SparseIds } from './feature-ids.ts';

/** What a text was decided by. */
export interface Recordable {
  /** Features of each view, in order. */
  readonly vectors: readonly Float32Array[];
  readonly sparse: SparseIds;
  /** Where it did not open its conversation. */
  readonly before?: Before<Float32Array> | undefined;
}

/** How long the vectors are, and which tier made them. */
export interface RecordFormat extends FeatureFormat {
  readonly tier: (typeof tiers)[number];
}

export interface RecordedFeatures {
  readonly tier: RecordFormat['tier'];
  /** Of each view, in order: to a byte a component. */
  readonly views: readonly TextVectors[];
  /** To a 2,048th. */
  readonly sparse: SparseIds;
  readonly before: Before<TextVectors> | undefined;
}

interface Before<Vectors> {
  readonly context: Vectors;
  readonly reply: SparseIds;
  /** What it was about, by class. */
  readonly prior: readonly { readonly className: string; readonly probability: number }[];
}

/**
 * Goes up whenever the layout or the meaning changes.
 *
 *   u8 version, u8 tier, u8 views, u8 1 with something before, u16 dimensions, u16 feature dimensions, then a view after the
 *   other and the context, an i8 a component, then the sparse features of the text and those of the reply, each list with
 *   its u16 length and of each an i32 id and a u16 weight, then what it was about: JSON of `[class, probability]`.
 *   Little-endian.
 */
const version = 2;
/** Who made the vectors, by number. */
const tiers = ['transformer', 'static'] as const;
const headBytes = 8;
const lengthBytes = 2;
const sparseBytes = 6;
const weightSteps = 2_048;
const largest16 = 0xffff;

export function encodeFeatures(
  { vectors, sparse, before }: Recordable,
  { tier, dimensions, featureDimensions }: RecordFormat,
): Uint8Array {
  const prior = before?.prior.map(({ className, probability }) => [
    className,
    Number(probability.toFixed(4)),
  ]);
  const told = prior === undefined ? '' : JSON.stringify(prior);
  const dense = before === undefined ? vectors : [...vectors, before.context];
  const lists = before === undefined ? [sparse] : [sparse, before.reply];
  const entries = lists.reduce((sum, { size }) => sum + Math.min(size, largest16), 0);
  const length =
    headBytes +
    dense.length * featureDimensions +
    lists.length * lengthBytes +
    entries * sparseBytes +
    Buffer.byteLength(told);

  // Not from the pool that Node keeps, all of which would go with it to another thread.
  const record = Buffer.allocUnsafeSlow(length);
  record[0] = version;
  record[1] = tiers.indexOf(tier);
  record[2] = vectors.length;
  record[3] = Number(before !== undefined);
  record.writeUInt16LE(dimensions, 4);
  record.writeUInt16LE(featureDimensions, 6);
  let at = headBytes;
  for (const features of dense) {
    record.set(quantiseFeatures(features, { dimensions }), at);
    at += featureDimensions;
  }
  for (const list of lists) at = writeSparse(list, record, at);
  record.write(told, at);
  return record;
}

/** Where what follows begins. */
function writeSparse(sparse: SparseIds, record: Buffer, start: number): number {
  const count = Math.min(sparse.size, largest16);
  record.writeUInt16LE(count, start);
  let at = start + lengthBytes;
  let left = count;
  for (const [id, weight] of sparse) {
    if (left === 0) break;
    left -= 1;
    record.writeInt32LE(id, at);
    record.writeUInt16LE(Math.min(largest16, Math.round(weight * weightSteps)), at + 4);
    at += sparseBytes;
  }
  return at;
}

/** Undefined for a record of another version, or one that is cut short. */
export function decodeFeatures(bytes: Uint8Array): RecordedFeatures | undefined {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (record[0] !== version) return undefined;
  try {
    return decode(record);
  } catch {
    // A number or a list that the record is too short for.
    return undefined;
  }
}

function decode(record: Buffer): RecordedFeatures | undefined {
  const tier = tiers[record.readUInt8(1)];
  const count = record.readUInt8(2);
  const hasBefore = record.readUInt8(3) === 1;
  const dimensions = record.readUInt16LE(4);
  const featureDimensions = record.readUInt16LE(6);
  let at = headBytes;
  const readVectors = (): TextVectors => {
    const features = new Int8Array(record.buffer, record.byteOffset + at, featureDimensions);
    at += featureDimensions;
    return restoreFeatures(features, { dimensions });
  };
  const readSparse = (): SparseIds => {
    const length = record.readUInt16LE(at);
    const from = at + 2;
    at = from + length * sparseBytes;
    return new Map(
      Array.from({ length }, (_, index) => {
        const entry = from + index * sparseBytes;
        return [record.readInt32LE(entry), record.readUInt16LE(entry + 4) / weightSteps];
      }),
    );
  };
  const views = Array.from({ length: count }, readVectors);
  const context = hasBefore ? readVectors() : undefined;
  const sparse = readSparse();
  if (tier === undefined) return undefined;
  if (context === undefined)
    return at === record.length ? { tier, views, sparse, before: undefined } : undefined;
  const reply = readSparse();
  const entries: [string, number][] = JSON.parse(record.toString('utf8', at));
  const prior = entries.map(([className, probability]) => ({ className, probability }));
  return { tier, views, sparse, before: { context, reply, prior } };
}
