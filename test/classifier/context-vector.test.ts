import { describe, expect, it } from 'vitest';
import { blendVectors, toContextVector } from '../../src/classifier/context-vector.ts';

/** What the encoder makes of a text of one view. */
function turn(...vector: number[]) {
  return [{ vector: Float32Array.from(vector), features: Float32Array.of(...vector, 0) }];
}

const lengthOf = (vector: Float32Array | undefined) => Math.hypot(...(vector ?? []));
const ratio = ([a = 0, b = 0]: Float32Array = new Float32Array()) => a / b;

describe('the vector of what came before', () => {
  it('counts a turn .6 of the one after it, and has unit length', () => {
    const two = toContextVector([turn(1, 0), turn(0, 1)], 'vector');
    expect(ratio(two)).toBeCloseTo(0.6, 6);
    const three = toContextVector([turn(1, 0), turn(0, 1), turn(0, 1)], 'vector');
    expect(ratio(three)).toBeCloseTo(0.36 / 1.6, 6);
    for (const context of [two, three]) expect(lengthOf(context)).toBeCloseTo(1, 6);
  });

  it('is the vector of the only turn, or the mean of its views', () => {
    expect(toContextVector([turn(0.6, 0.8)], 'vector')).toEqual(Float32Array.of(0.6, 0.8));
    const longTurn = [...turn(1, 0), ...turn(0, 1)];
    expect(ratio(toContextVector([longTurn], 'vector'))).toBeCloseTo(1, 6);
  });

  it('counts a turn once, however many views it has', () => {
    const longTurn = [...turn(1, 0), ...turn(1, 0)];
    expect(ratio(toContextVector([longTurn, turn(0, 1)], 'vector'))).toBeCloseTo(0.6, 6);
  });

  it('is made of the features where those are asked for', () => {
    expect(toContextVector([turn(1, 0)], 'features')).toEqual(Float32Array.of(1, 0, 0));
  });

  it('is none without a turn, or where the turns cancel out', () => {
    expect(toContextVector([], 'vector')).toBeUndefined();
    expect(toContextVector([turn(1, 0), turn(-0.6, 0)], 'vector')).toBeUndefined();
  });
});

describe('a text moved towards what came before', () => {
  const text = Float32Array.of(1, 0);
  const context = Float32Array.of(0, 1);

  it('stays where it is without a share, and gets there with all of it', () => {
    expect(blendVectors(text, context, 0)).toEqual(text);
    expect(blendVectors(text, context, 1)).toEqual(context);
  });

  it('gets as far as the share says, and keeps unit length', () => {
    const blended = blendVectors(text, context, 0.75);
    expect(ratio(blended)).toBeCloseTo(1 / 3, 6);
    expect(lengthOf(blended)).toBeCloseTo(1, 6);
  });

  it('stays itself where both cancel out', () => {
    expect(blendVectors(text, Float32Array.of(-1, 0), 0.5)).toEqual(text);
  });
});
