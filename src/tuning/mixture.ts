import type { Evidence } from './gather-evidence.ts';

/** How vote and head become one posterior; the same terms as in the configuration. */
export interface Mixture {
  readonly neighbours: number;
  readonly sharpness: number;
  readonly voteShare: number;
  readonly temperature: number;
}

/** No class is ever impossible: an example that contradicts all others costs much, not everything. */
const least = 1e-6;

/** The posterior of every class, by label. */
export function mix(evidence: Evidence, mixture: Mixture): Float64Array {
  return sharpen(blend(evidence, mixture), mixture.temperature);
}

/** Vote and head, before the temperature. */
function blend({ head, voters }: Evidence, mixture: Omit<Mixture, 'temperature'>): Float64Array {
  const { neighbours, sharpness, voteShare } = mixture;
  const nearest = voters[0]?.similarity ?? 0;
  const votes = new Float64Array(head.length);
  let total = 0;
  for (const { label, similarity } of voters.slice(0, neighbours)) {
    const weight = Math.exp(sharpness * (similarity - nearest));
    votes[label] = (votes[label] ?? 0) + weight;
    total += weight;
  }
  return votes.map(
    (vote, label) =>
      voteShare * (total === 0 ? 0 : vote / total) + (1 - voteShare) * (head[label] ?? 0),
  );
}

function sharpen(blended: Float64Array, temperature: number): Float64Array {
  const largest = Math.max(...blended) || 1;
  const weights = blended.map((share) => (share / largest) ** (1 / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const grid = {
  neighbours: [10, 25, 40],
  sharpness: [10, 20, 30],
  voteShare: [0, 0.1, 0.2, 0.3, 0.4, 0.5],
};
const temperatures = { from: 0.3, to: 1.5, step: 0.05 };
/** Enough to tell mixtures apart. */
const compared = 2_000;

export interface ChosenMixture {
  readonly mixture: Mixture;
  /** Mean of −ln of the right class's probability. */
  readonly logLoss: number;
}

/** The mixture with the least log loss; of equals the first, which has fewer neighbours and less vote. */
export function chooseMixture(evidence: readonly Evidence[]): ChosenMixture {
  const step = Math.max(1, Math.floor(evidence.length / compared));
  const sample = evidence.filter((_each, position) => position % step === 0);
  const choices = grid.neighbours.flatMap((neighbours) =>
    grid.sharpness.flatMap((sharpness) =>
      grid.voteShare.map((voteShare) =>
        chooseTemperature(sample, { neighbours, sharpness, voteShare }),
      ),
    ),
  );
  return choices.reduce((best, other) => (other.logLoss < best.logLoss ? other : best));
}

/** The temperature with the least log loss. The loss has one valley in it, so the search halves its way down. */
export function chooseTemperature(
  evidence: readonly Evidence[],
  parts: Omit<Mixture, 'temperature'>,
): ChosenMixture {
  const blended = evidence.map((each) => {
    const logs = blend(each, parts).map(Math.log);
    const largest = Math.max(...logs);
    return { label: each.label, logs: logs.map((log) => log - largest) };
  });
  const lossAt = (temperature: number): number => {
    let sum = 0;
    for (const { label, logs } of blended) sum += lossOf(logs, label, temperature);
    return sum / (blended.length || 1);
  };
  const at = (index: number): number => temperatures.from + index * temperatures.step;
  let low = 0;
  let high = Math.round((temperatures.to - temperatures.from) / temperatures.step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lossAt(at(middle)) <= lossAt(at(middle + 1))) high = middle;
    else low = middle + 1;
  }
  const temperature = Number(at(low).toFixed(2));
  return { mixture: { ...parts, temperature }, logLoss: lossAt(temperature) };
}

/**
 * −ln of what `sharpen` makes of the label's share, from the logarithms of all, the largest being 0. Tuning spends long
 * here, hence the loop.
 */
function lossOf(logs: Float64Array, label: number, temperature: number): number {
  let total = 0;
  for (const log of logs) total += Math.exp(log / temperature);
  const probability = Math.exp((logs[label] ?? 0) / temperature) / total;
  return -Math.log(Math.max(least, probability));
}
