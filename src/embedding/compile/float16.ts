/** Every float16 bit pattern as a float32: converting 23 million weights is then one look-up each. */
function createTable(): Float32Array {
  const table = new Float32Array(65_536);
  for (let bits = 0; bits < table.length; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f)
      table[bits] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else table[bits] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return table;
}

/** Returns a converter from little-endian float16 bytes to float32 values. */
export function createFloat16Decoder(): (bytes: Uint8Array) => Float32Array {
  const table = createTable();
  return (bytes) => {
    const values = new Float32Array(bytes.length / 2);
    for (let index = 0; index < values.length; index++) {
      const bits = (bytes[2 * index] ?? 0) | ((bytes[2 * index + 1] ?? 0) << 8);
      values[index] = table[bits] ?? 0;
    }
    return values;
  };
}
