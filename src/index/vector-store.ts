import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Encoder, TextVectors } from '../embedding/embedder.ts';
import { messageOf } from '../errors.ts';
import { decodeRecord, encodeRecord, keyOf, readKey, recordBytes } from './vector-record.ts';

/** Vectors already computed, by the text they were computed from, for one encoder; rounded to bytes (cosine > .999). */
export interface VectorStore {
  readonly size: number;
  /** Why the file can't be written: then vectors are kept in memory only. */
  readonly unwritable: string | undefined;
  get(text: string): TextVectors | undefined;
  /**
   * Durable when it returns. The features are enough, since they begin with the vector. Throws RangeError when one
   * of either has no direction, and then keeps none.
   */
  put(entries: readonly { readonly text: string; readonly features: Float32Array }[]): void;
  /** Writes what is known of these texts to another file, in an order of their own. Returns how many. */
  copyTo(path: string, texts: readonly string[]): number;
  close(): void;
}

export interface VectorStoreOptions {
  readonly path: string;
  /** Vectors that came with the examples; only read, and only when they are this encoder's. */
  readonly shippedPath?: string | undefined;
  readonly encoder: Pick<Encoder, 'hash' | 'dimensions' | 'featureDimensions'>;
  /** Only the owner cuts a damaged end off: for others it may be a record that is being written. */
  readonly isOwner: boolean;
}

/**
 * Opens or creates an append-only file: a line that names the encoder, then records. Those from the first damaged
 * one on are dropped, and all of another encoder's; they are only computed again.
 */
export function openVectorStore(options: VectorStoreOptions): VectorStore {
  const { path, shippedPath, encoder, isOwner } = options;
  const stored = new Map<string, Buffer>();
  const header = Buffer.from(`switchyard-vectors 2 ${encoder.hash}\n`);

  /** Takes in the intact records of a file. Returns the length of what is intact, in bytes. */
  function read(file: string): number {
    const content = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    if (!content.subarray(0, header.length).equals(header)) return 0;
    const step = recordBytes(encoder);
    let intactBytes = header.length;
    while (intactBytes + step <= content.length) {
      const record = content.subarray(intactBytes, intactBytes + step);
      const key = readKey(record);
      if (key === undefined) break;
      stored.set(key, record);
      intactBytes += step;
    }
    return intactBytes;
  }

  if (shippedPath !== undefined) read(shippedPath);
  const intactBytes = read(path);
  let handle: number | undefined;
  let unwritable: string | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    handle = openSync(path, 'a');
    if (isOwner) ftruncateSync(handle, intactBytes);
    if (fstatSync(handle).size === 0) appendFileSync(handle, header);
  } catch (error) {
    unwritable = messageOf(error);
  }

  return {
    unwritable,
    get size() {
      return stored.size;
    },
    get(text) {
      const record = stored.get(keyOf(text));
      return record && decodeRecord(record, encoder);
    },
    put(entries) {
      const records = entries.map(({ text, features }) => encodeRecord(text, features, encoder));
      if (handle !== undefined) {
        appendFileSync(handle, Buffer.concat(records));
        fsyncSync(handle);
      }
      for (const [i, record] of records.entries()) {
        stored.set(keyOf(entries[i]?.text ?? ''), record);
      }
    },
    copyTo(target, texts) {
      const keys = [...new Set(texts.map(keyOf))].sort();
      const records = keys.flatMap((key) => stored.get(key) ?? []);
      writeFileSync(target, Buffer.concat([header, ...records]));
      return records.length;
    },
    close() {
      if (handle !== undefined) closeSync(handle);
    },
  };
}
