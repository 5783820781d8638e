import type { ReliabilityBin } from '../calibration.ts';
import type { Metrics } from '../metrics.ts';
import { area, axes, gridLine, toPercent } from './axes.ts';
import { at, colours, element, heading, label, tooltip } from './svg.ts';

const top = 30;
const histogramTop = area.height + 46;
const histogramHeight = 40;

/** Accuracy by confidence against the diagonal, where the two agree; below, how many lines there are. */
export function reliabilityDiagram({
  ece,
  reliability,
}: Pick<Metrics, 'ece' | 'reliability'>): string {
  const { width, height } = area;
  const most = Math.max(...reliability.map(({ count }) => count), 0);
  return [
    heading(`Reliability: ECE ${ece === null ? '–' : ece.toFixed(3)}`),
    at(
      0,
      top,
      axes({ xLabel: 'confidence', yLabel: 'accuracy' }),
      ...reliability.map(accuracyBar),
      element('line', {
        x1: 0,
        y1: height,
        x2: width,
        y2: 0,
        stroke: colours.ink,
        'stroke-dasharray': '5 4',
      }),
      at(
        0,
        histogramTop,
        ...reliability.map((bin) => countBar(bin, most)),
        gridLine(0, histogramHeight, width, histogramHeight),
      ),
      label(`lines per bin, at most ${most}`, {
        x: width / 2,
        y: histogramTop + histogramHeight + 15,
        'text-anchor': 'middle',
      }),
    ),
  ].join('');
}

function accuracyBar(bin: ReliabilityBin): string {
  return bar(bin, { share: bin.accuracy ?? 0, height: area.height, fill: colours.bar });
}

function countBar(bin: ReliabilityBin, most: number): string {
  const share = bin.count / Math.max(most, 1);
  return bar(bin, { share, height: histogramHeight, fill: colours.muted });
}

function bar(
  bin: ReliabilityBin,
  { share, height, fill }: { share: number; height: number; fill: string },
): string {
  if (bin.count === 0) return '';
  const size = { width: (bin.to - bin.from) * area.width - 1, height: share * height };
  const place = { x: bin.from * area.width + 0.5, y: (1 - share) * height };
  return element('rect', { ...place, ...size, fill }, tooltip(describe(bin)));
}

function describe({ from, to, count, meanConfidence, accuracy }: ReliabilityBin): string {
  const figures = `confidence ${toPercent(meanConfidence ?? 0)}, accuracy ${toPercent(accuracy ?? 0)}`;
  return `${toPercent(from)} to ${toPercent(to)}: ${count} lines, ${figures}`;
}
