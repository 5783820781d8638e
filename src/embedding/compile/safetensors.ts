import { z } from 'zod';
import { createFloat16Decoder } from './float16.ts';

/** A weight, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

// The reference implementation's own cap; it bounds what a corrupt length can make us parse.
const maxHeaderBytes = 100_000_000;

const size = z.int().nonnegative();
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
});
const headerSchema = z.record(z.string(), z.unknown());

type Entry = z.infer<typeof entrySchema> & { readonly name: string };

/**
 * Reads the float16 tensors of a safetensors file, as float32; other types are left out.
 * Throws an Error that says what is wrong when the file is cut short or inconsistent.
 */
export function parseSafetensors(file: Uint8Array): Map<string, Tensor> {
  const { entries, data } = parseHeader(file);
  checkLayout(entries, data.length);
  const decodeFloat16 = createFloat16Decoder();
  const tensors = new Map<string, Tensor>();
  for (const {
    name,
    dtype,
    shape,
    data_offsets: [start, end],
  } of entries) {
    if (dtype !== 'F16') continue;
    const expected = shape.reduce((product, length) => product * length, 2);
    if (end - start !== expected) {
      throw new Error(`tensor ${name} takes ${end - start} bytes, its shape asks for ${expected}`);
    }
    tensors.set(name, { shape, values: decodeFloat16(data.subarray(start, end)) });
  }
  return tensors;
}

function parseHeader(file: Uint8Array): { entries: Entry[]; data: Uint8Array } {
  if (file.length < 8) throw new Error('the file is shorter than its 8-byte prefix');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = view.getBigUint64(0, true);
  if (headerBytes > maxHeaderBytes) throw new Error(`a header of ${headerBytes} bytes is too long`);
  const dataStart = 8 + Number(headerBytes);
  if (dataStart > file.length) throw new Error('the file ends inside its header');
  const json = new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, dataStart));
  const header = headerSchema.parse(JSON.parse(json));
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => ({ name, ...entrySchema.parse(entry) }));
  return { entries, data: file.subarray(dataStart) };
}

/** The tensors must cover the data exactly: no gap, no overlap, nothing after the last one. */
function checkLayout(entries: readonly Entry[], dataBytes: number): void {
  const inOrder = entries.toSorted((a, b) => a.data_offsets[0] - b.data_offsets[0]);
  let position = 0;
  for (const {
    name,
    data_offsets: [start, end],
  } of inOrder) {
    if (start !== position || end < start) {
      throw new Error(`tensor ${name} starts at byte ${start} of the data, expected ${position}`);
    }
    position = end;
  }
  if (position !== dataBytes) {
    throw new Error(`the tensors need ${position} bytes of data, the file has ${dataBytes}`);
  }
}
