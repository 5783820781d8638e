import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { replaceFile } from '../../replace-file.ts';
import type { QuantisedMatrix } from '../compile/quantise.ts';

const checksumBytes = 32;
const scaleBytes = 4;

/** Says what the table was made of; all that follows it are numbers. */
function headerOf(tableHash: string): Buffer {
  return Buffer.from(`switchyard-static ${tableHash}\n`);
}

/**
 * SHA-256 of the rest, the header, u32 rows, u32 columns, a f32 scale a row, then a byte a value, row by row.
 * Little-endian. Replaces the file as a whole, or throws and leaves everything as it was.
 */
export function saveTable(path: string, table: QuantisedMatrix, tableHash: string): void {
  const { rows, columns, values, scales } = table;
  const shape = Buffer.alloc(8);
  shape.writeUInt32LE(rows, 0);
  shape.writeUInt32LE(columns, 4);
  const content = Buffer.concat([
    headerOf(tableHash),
    shape,
    new Uint8Array(scales.buffer),
    new Uint8Array(values.buffer),
  ]);
  replaceFile(path, Buffer.concat([checksumOf(content), content]));
}

/** The stored table; undefined when there is none, it is damaged, or it was made of anything else. */
export function loadTable(path: string, tableHash: string): QuantisedMatrix | undefined {
  if (!existsSync(path)) return undefined;
  const file = readFileSync(path);
  const content = file.subarray(checksumBytes);
  const header = headerOf(tableHash);
  if (!checksumOf(content).equals(file.subarray(0, checksumBytes))) return undefined;
  if (!content.subarray(0, header.length).equals(header)) return undefined;
  const numbers = content.subarray(header.length);
  const rows = numbers.readUInt32LE(0);
  const columns = numbers.readUInt32LE(4);
  const scalesEnd = 8 + rows * scaleBytes;
  return {
    rows,
    columns,
    // Copied, since numbers of several bytes must not begin just anywhere.
    scales: new Float32Array(new Uint8Array(numbers.subarray(8, scalesEnd)).buffer),
    // Bytes may, and most of the file is these.
    values: new Int8Array(numbers.buffer, numbers.byteOffset + scalesEnd, rows * columns),
  };
}

function checksumOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
