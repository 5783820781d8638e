import { type Figure, type Metrics, meanOf } from './metrics.ts';

const scalarNames = [
  'accuracy',
  'servedAccuracy',
  'coverage',
  'selectiveAccuracy',
  'macroF1',
  'ece',
  'aurc',
  'oosAuroc',
  'oosRecall',
  'abstentionRate',
  'flipRate',
  'decidedFlipRate',
] as const satisfies readonly (keyof Metrics)[];

export type ScalarName = (typeof scalarNames)[number];
type ScalarFigures = Readonly<Record<ScalarName, Figure>>;

export interface RunSummary {
  readonly runs: number;
  readonly mean: ScalarFigures;
  /** Sample standard deviation (n − 1); null for a figure that fewer than two runs have. */
  readonly deviation: ScalarFigures;
}

/** Mean and standard deviation of every scalar figure over the runs that have it. */
export function summarizeRuns(runs: readonly Metrics[]): RunSummary {
  return {
    runs: runs.length,
    mean: mapScalars((name) => meanOf(valuesOf(runs, name))),
    deviation: mapScalars((name) => standardDeviation(valuesOf(runs, name))),
  };
}

/** Builds one value per scalar figure, always in the same order. */
export function mapScalars(figureOf: (name: ScalarName) => Figure): ScalarFigures {
  return Object.fromEntries(scalarNames.map((name) => [name, figureOf(name)])) as ScalarFigures;
}

function valuesOf(runs: readonly Metrics[], name: ScalarName): number[] {
  return runs.map((run) => run[name]).filter((figure) => figure !== null);
}

function standardDeviation(values: readonly number[]): Figure {
  const centre = meanOf(values);
  if (centre === null || values.length < 2) return null;
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
