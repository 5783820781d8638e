import { setImmediate } from 'node:timers/promises';
import type { LabelledInput } from '../classifier/train-head.ts';
import { toViews } from '../classifier/views.ts';
import type { StaticEncoder } from '../embedding/static/static-encoder.ts';

/** So many take a few milliseconds; then requests get their turn. */
const batchSize = 100;

/**
 * A labelled text as the static encoder reads it: by itself, whatever came before it. A view without a word that it knows
 * says nothing.
 */
export function toStaticInput<Input extends LabelledInput>(
  input: Input,
  { embed, encoder }: StaticEncoder,
): Input {
  const vectors = toViews(input.text).map(
    (view) => embed(view)?.features ?? new Float32Array(encoder.featureDimensions),
  );
  return { ...input, vectors, before: undefined };
}

/** The same for many, without holding up the event loop. */
export async function toStaticInputs<Input extends LabelledInput>(
  inputs: readonly Input[],
  encoder: StaticEncoder,
): Promise<Input[]> {
  const read: Input[] = [];
  for (const [position, input] of inputs.entries()) {
    if (position % batchSize === 0) await setImmediate();
    read.push(toStaticInput(input, encoder));
  }
  return read;
}
