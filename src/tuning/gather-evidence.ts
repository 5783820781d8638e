import type { FeatureScales } from '../classifier/linear-head.ts';
import { encodeInput, predictInto } from '../classifier/linear-head.ts';
import { type LabelledInput, trainHead } from '../classifier/train-head.ts';
import { canVote, type TrainingInput } from '../index/embed-views.ts';
import { createExactIndex } from '../index/exact-index.ts';

export interface EvidenceRequest {
  readonly inputs: readonly TrainingInput[];
  /** What the head learns besides, whatever is held. */
  readonly lessons: readonly LabelledInput[];
  /** Positions in `inputs` that are not learnt from. */
  readonly held: readonly number[];
  readonly classNames: readonly string[];
  readonly scales: FeatureScales;
  readonly epochs: number;
  readonly seed: number;
  /** How many neighbours are kept of each. */
  readonly neighbours: number;
  /** What is at least so similar to a held one is not learnt from either; infinite where groups see to that. */
  readonly tooSimilar: number;
}

/** What a classifier that has not seen a prompt finds out about it; classes by their position in `classNames`. */
export interface Evidence {
  readonly label: number;
  /** Probability of every class. */
  readonly head: Float64Array;
  /** Class and similarity of the nearest, nearest first. */
  readonly voters: readonly { readonly label: number; readonly similarity: number }[];
}

/** Fits on everything but the held prompts, and what is of one conversation with them, and lets the result weigh those. Takes long: for a thread of its own. */
export function gatherEvidence(request: EvidenceRequest): Evidence[] {
  const { inputs, held, classNames, scales, epochs, seed } = request;
  const heldOut = new Set(held);
  const heldConversations = new Set(
    pick(inputs, held).flatMap(({ conversation }) => conversation ?? []),
  );
  const candidates = [...inputs.entries()].flatMap(([position, { conversation }]) => {
    const isRelated = conversation !== undefined && heldConversations.has(conversation);
    return heldOut.has(position) || isRelated ? [] : [position];
  });
  const near = findNeighbours(request, candidates);
  const tooNear = new Set(
    near.flatMap((hits) =>
      hits.filter(({ similarity }) => similarity >= request.tooSimilar).map(({ label }) => label),
    ),
  );
  const rest = candidates.filter((position) => !tooNear.has(position));
  const head = trainHead([...pick(inputs, rest), ...request.lessons], { scales, epochs, seed });
  const columns = classNames.map((name) => head.classNames.indexOf(name));
  const labelOf = new Map(classNames.map((name, label) => [name, label]));
  const probabilities = new Float64Array(head.classNames.length);

  return pick(inputs, held).map((input, position) => {
    predictInto(head, encodeInput(input, head), probabilities);
    const voters = (near[position] ?? []).filter(({ label }) => !tooNear.has(label));
    return {
      label: labelOf.get(input.className) ?? -1,
      head: toShares(columns.map((column) => probabilities[column] ?? 0)),
      voters: voters.map(({ label, similarity }) => ({
        label: labelOf.get(inputs[label]?.className ?? '') ?? -1,
        similarity,
      })),
    };
  });
}

/** What is left for the classes that route. */
function toShares(probabilities: readonly number[]): Float64Array {
  const total = probabilities.reduce((sum, probability) => sum + probability, 0) || 1;
  return Float64Array.from(probabilities, (probability) => probability / total);
}

function findNeighbours({ inputs, held, neighbours }: EvidenceRequest, candidates: number[]) {
  const index = createExactIndex(inputs[0]?.vector.length ?? 0);
  for (const position of candidates) {
    const input = inputs[position];
    if (input !== undefined && canVote(input)) index.add(position, input.vector);
  }
  return pick(inputs, held).map(({ vector }) => index.search(vector, neighbours));
}

export function pick<Item>(items: readonly Item[], positions: readonly number[]): Item[] {
  return positions.flatMap((position) => items[position] ?? []);
}
