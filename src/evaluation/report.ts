import type { ClassFigures } from './class-figures.ts';
import { type Figure, type Metrics, measure, type Prediction } from './metrics.ts';
import { mapScalars, type RunSummary, type ScalarName, summarizeRuns } from './summarize-runs.ts';
import type { FirstTierFigures } from './tier-figures.ts';
import type { TurnFigures } from './turn-figures.ts';

export interface Report {
  readonly metrics: Metrics;
  /** Present when the evaluation was repeated. */
  readonly repeats?: RunSummary;
}

const maxListedPairs = 15;

/**
 * Judges one run, or several over the same test set: scalar figures are then means over the runs, counts and latency
 * are those of all runs together, and `n` still counts every test line once.
 */
export function createReport(runs: readonly (readonly Prediction[])[]): Report {
  const metrics = measure(runs.flat());
  if (runs.length < 2) return { metrics };
  const repeats = summarizeRuns(runs.map(measure));
  return {
    metrics: {
      ...metrics,
      ...repeats.mean,
      n: metrics.n / runs.length,
      nOutOfScope: metrics.nOutOfScope / runs.length,
    },
    repeats,
  };
}

/** The report for machines: every key is always there, null where there is no figure; `mean` and `deviation` with repeats. */
export function toJson({ metrics, repeats }: Report) {
  const { latencyMs, n, nOutOfScope, classes, confusion, reliability, riskCoverage } = metrics;
  const { flips, turns, firstTier } = metrics;
  return {
    ...mapScalars((name) => metrics[name]),
    latencyMs,
    n,
    nOutOfScope,
    runs: repeats?.runs ?? 1,
    ...(repeats && { mean: repeats.mean, deviation: repeats.deviation }),
    classes: Object.fromEntries(classes.map(({ className, ...figures }) => [className, figures])),
    confusion,
    reliability,
    riskCoverage,
    flips,
    turns,
    firstTier,
  };
}

/** The report for people: the figures, a line per class, the most frequent confusions. */
export function toText(report: Report): string {
  const { classes, confusion, flips, turns, firstTier } = report.metrics;
  const shown = confusion.slice(0, maxListedPairs);
  const sections = [
    toTable(figureRows(report)),
    toTable([['class', 'precision', 'recall', 'f1', 'support'], ...classes.map(classRow)]),
  ];
  if (shown.length > 0) {
    const title = `confused (${shown.length} of ${confusion.length} pairs)`;
    const rows = shown.map((pair) => [`${pair.trueClass} → ${pair.predicted}`, `${pair.count}`]);
    sections.push(toTable([[title, 'count'], ...rows]));
  }
  if (flips.length > 0) {
    const rows = flips.map(({ kind, n, rate, decided, decidedRate }) => [
      kind,
      toPercent(rate),
      `${n}`,
      toPercent(decidedRate),
      `${decided}`,
    ]);
    const titles = ['perturbation', 'flips', 'prompts', 'decided flips', 'decided'];
    sections.push(toTable([titles, ...rows]));
  }
  if (turns !== null) sections.push(toTable(turnRows(turns)));
  if (firstTier !== null) sections.push(toTable(firstTierRows(firstTier)));
  return `${sections.join('\n\n')}\n`;
}

/** A label, its figure and, with repeats, its deviation. */
export function figureRows({ metrics, repeats }: Report): string[][] {
  const row = (label: string, name: ScalarName, toCell: (figure: Figure) => string) => {
    const cells = [label, toCell(metrics[name])];
    return repeats ? [...cells, `± ${toCell(repeats.deviation[name])}`] : cells;
  };
  const { p50, p90, p99 } = metrics.latencyMs;
  return [
    ['lines', `${metrics.n}`],
    ['out of scope', `${metrics.nOutOfScope}`],
    ...(repeats ? [['runs', `${repeats.runs}`]] : []),
    row('accuracy', 'accuracy', toPercent),
    row('served accuracy', 'servedAccuracy', toPercent),
    row('coverage', 'coverage', toPercent),
    row('selective accuracy', 'selectiveAccuracy', toPercent),
    row('macro F1', 'macroF1', toPercent),
    row('calibration error', 'ece', toDecimal),
    row('area under risk–coverage', 'aurc', toDecimal),
    row('abstention rate', 'abstentionRate', toPercent),
    row('flip rate', 'flipRate', toPercent),
    row('flip rate where decided', 'decidedFlipRate', toPercent),
    row('out-of-scope AUROC', 'oosAuroc', toDecimal),
    row('out-of-scope recall', 'oosRecall', toPercent),
    ['latency p50', toMilliseconds(p50)],
    ['latency p90', toMilliseconds(p90)],
    ['latency p99', toMilliseconds(p99)],
  ];
}

function turnRows(turns: TurnFigures): string[][] {
  return [
    [`turns of ${turns.conversations} conversations`, `${turns.n}`],
    ['first', toPercent(turns.first)],
    ['later', toPercent(turns.later)],
    ['at most four words, same class', toPercent(turns.shortKept)],
    ['another class than before', toPercent(turns.changed)],
    ['changes, relative to the true ones', toDecimal(turns.switchRatio)],
    ['F1 of telling changes', toDecimal(turns.shiftF1)],
  ];
}

function firstTierRows(figures: FirstTierFigures): string[][] {
  return [
    ['decided by the first tier', toPercent(figures.share)],
    ['of those right', toPercent(figures.accuracy)],
    ['of those the last tier right', toPercent(figures.lastTierAccuracy)],
    ['of those both the same', toPercent(figures.agreement)],
    ['of prompts out of scope', toPercent(figures.oosShare)],
    ['accuracy of the last tier alone', toPercent(figures.accuracyWithout)],
  ];
}

function classRow({ className, precision, recall, f1, support }: ClassFigures): string[] {
  return [className, toPercent(precision), toPercent(recall), toPercent(f1), `${support}`];
}

function toPercent(figure: Figure): string {
  return figure === null ? '–' : `${(figure * 100).toFixed(1)} %`;
}

function toDecimal(figure: Figure): string {
  return figure === null ? '–' : figure.toFixed(3);
}

function toMilliseconds(figure: Figure): string {
  return figure === null ? '–' : `${figure.toFixed(2)} ms`;
}

/** Aligns columns: the first to the left, figures to the right. */
function toTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column === 0 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  '),
    )
    .join('\n');
}
