import type { Tensor } from './safetensors.ts';

/** A matrix as bytes: a value is its byte times the scale of its row. */
export interface QuantisedMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/** Rounds each row to -127..127, symmetric around zero, with one scale a row. */
export function quantiseRows({ shape, values }: Tensor): QuantisedMatrix {
  const [rows = 0, columns = 0] = shape;
  const quantised = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let largest = 0;
    for (let at = start; at < start + columns; at++) {
      largest = Math.max(largest, Math.abs(values[at] ?? 0));
    }
    if (largest === 0) continue;
    scales[row] = largest / 127;
    for (let at = start; at < start + columns; at++) {
      quantised[at] = Math.round(((values[at] ?? 0) * 127) / largest);
    }
  }
  return { rows, columns, values: quantised, scales };
}

/** Writes the transpose of a row-major matrix into `target`, which has the same length. */
export function transposeInto<Values extends Float32Array | Int8Array>(
  target: Values,
  source: Values,
  columns: number,
): Values {
  const rows = source.length / columns;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      target[column * rows + row] = source[row * columns + column] ?? 0;
    }
  }
  return target;
}
