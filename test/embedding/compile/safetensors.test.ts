import { describe, expect, it } from 'vitest';
import { parseSafetensors } from '../../../src/embedding/compile/safetensors.ts';

function toFile(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const length = new Uint8Array(new BigUint64Array([BigInt(json.length)]).buffer);
  return new Uint8Array([...length, ...json, ...data]);
}

function entry(shape: number[], start: number, end: number, dtype = 'F16') {
  return { dtype, shape, data_offsets: [start, end] };
}

describe('parseSafetensors', () => {
  it('reads float16 tensors in the order of their names, whatever the order of the data', () => {
    const data = new Uint8Array(new Uint16Array([0x3c00, 0xc000, 0x3555, 0x0001]).buffer);
    const header = {
      __metadata__: { format: 'pt' },
      second: entry([2], 4, 8),
      first: entry([2, 1], 0, 4),
    };
    const tensors = parseSafetensors(toFile(header, data));
    expect(tensors.get('first')).toEqual({ shape: [2, 1], values: Float32Array.of(1, -2) });
    expect(tensors.get('second')?.values).toEqual(Float32Array.of(0.333251953125, 2 ** -24));
  });

  it('reads every kind of float16', () => {
    const bits = [0x0000, 0x8000, 0x03ff, 0x0400, 0x7bff, 0xfbff, 0x7c00, 0xfc00];
    const data = new Uint8Array(new Uint16Array(bits).buffer);
    const values = parseSafetensors(toFile({ all: entry([8], 0, 16) }, data)).get('all')?.values;
    expect([...(values ?? [])]).toEqual([
      0,
      -0,
      Math.fround(1023 * 2 ** -24),
      2 ** -14,
      65504,
      -65504,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
  });

  it('reads a tensor at an odd position in memory', () => {
    const file = toFile({ one: entry([1], 0, 2) }, Uint8Array.of(0x00, 0x3c));
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect(parseSafetensors(shifted.subarray(1)).get('one')?.values).toEqual(Float32Array.of(1));
  });

  it('leaves out tensors of other types', () => {
    const tensors = parseSafetensors(toFile({ ids: entry([1], 0, 8, 'I64') }, new Uint8Array(8)));
    expect([...tensors.keys()]).toEqual([]);
  });

  it.each([
    ['shorter than its prefix', new Uint8Array(7), /8-byte prefix/],
    ['with an absurd header length', new Uint8Array(16).fill(0xff), /too long/],
    ['cut inside the header', toFile({ a: entry([1], 0, 2) }).subarray(0, 20), /inside its header/],
    ['cut inside the data', toFile({ a: entry([2], 0, 4) }, new Uint8Array(3)), /the file has 3/],
    ['with bytes after the data', toFile({ a: entry([1], 0, 2) }, new Uint8Array(3)), /has 3/],
    ['with a header that is no JSON', toFile('{"a"'), /JSON/],
    ['with negative offsets', toFile({ a: entry([1], -2, 0) }), /data_offsets/],
    [
      'whose tensors overlap',
      toFile({ a: entry([2], 0, 4), b: entry([2], 2, 6) }, new Uint8Array(6)),
      /tensor b starts at byte 2 of the data, expected 4/,
    ],
    [
      'with a gap between tensors',
      toFile({ a: entry([1], 0, 2), b: entry([1], 4, 6) }, new Uint8Array(6)),
      /tensor b starts at byte 4 of the data, expected 2/,
    ],
    [
      'whose shape disagrees with its bytes',
      toFile({ a: entry([3], 0, 4) }, new Uint8Array(4)),
      /tensor a takes 4 bytes, its shape asks for 6/,
    ],
  ])('refuses a file %s', (_, file, message) => {
    expect(() => parseSafetensors(file)).toThrow(message);
  });
});
