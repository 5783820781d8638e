import type { TextVectors } from '../embedding/embedder.ts';
import { meanOfViews } from './views.ts';

/** Turns further back weigh next to nothing. */
export const mostTurns = 8;
/** Of a turn's weight for the one after it. */
const decay = 0.6;

/** What the encoder makes of the views of one text. */
type ViewsOfText = readonly Pick<TextVectors, 'vector' | 'features'>[];

/**
 * One unit vector for the turns before a text, oldest first: each counts 0.6 of the one after it. Undefined without a
 * turn, or where they cancel out.
 */
export function toContextVector(
  turns: readonly ViewsOfText[],
  kind: keyof ViewsOfText[number],
): Float32Array | undefined {
  const means = turns.map((views) => meanOfViews(views.map((view) => view[kind])));
  const sum = new Float32Array(means[0]?.length ?? 0);
  for (const [index, mean] of means.entries()) {
    const weight = decay ** (means.length - 1 - index);
    for (let position = 0; position < sum.length; position += 1) {
      sum[position] = (sum[position] ?? 0) + weight * (mean[position] ?? 0);
    }
  }
  return toUnit(sum);
}

/** A text's vector moved towards its context by `share`, from 0 to 1; unit length. */
export function blendVectors(
  text: Float32Array,
  context: Float32Array,
  share: number,
): Float32Array {
  const blended = text.map((value, position) => {
    return (1 - share) * value + share * (context[position] ?? 0);
  });
  return toUnit(blended) ?? text;
}

function toUnit(vector: Float32Array): Float32Array | undefined {
  const length = Math.hypot(...vector);
  return length === 0 ? undefined : vector.map((value) => value / length);
}
