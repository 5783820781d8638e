import type { Metrics } from '../metrics.ts';
import { area, axes, endOfAxis } from './axes.ts';
import { at, colours, element, heading } from './svg.ts';

const top = 30;

/** The share of mistakes among the answered lines, by how many are answered. */
export function riskCoveragePlot({
  aurc,
  riskCoverage,
}: Pick<Metrics, 'aurc' | 'riskCoverage'>): string {
  const yMax = endOfAxis(Math.max(...riskCoverage.map(({ risk }) => risk), 0));
  return [
    heading(`Risk–coverage: AURC ${aurc === null ? '–' : aurc.toFixed(3)}`),
    at(
      0,
      top,
      axes({ xLabel: 'coverage: answered lines', yLabel: 'risk: wrong among them', yMax }),
      ...curve(riskCoverage, yMax),
    ),
  ].join('');
}

/** The first point stands for every coverage up to its own. */
function curve(riskCoverage: Metrics['riskCoverage'], yMax: number): string[] {
  const [first] = riskCoverage;
  const last = riskCoverage.at(-1);
  if (first === undefined || last === undefined) return [];
  const points = [{ coverage: 0, risk: first.risk }, ...riskCoverage]
    .map(({ coverage, risk }) => [coverage * area.width, (1 - risk / yMax) * area.height])
    .map((point) => point.map((value) => value.toFixed(1)).join(','))
    .join(' ');
  const floor = `${area.width},${area.height} 0,${area.height}`;
  return [
    element('polygon', {
      points: `${points} ${floor}`,
      fill: colours.wrong,
      'fill-opacity': 0.15,
    }),
    element('polyline', { points, fill: 'none', stroke: colours.wrong, 'stroke-width': 2 }),
    element('circle', {
      cx: last.coverage * area.width,
      cy: (1 - last.risk / yMax) * area.height,
      r: 3,
      fill: colours.wrong,
    }),
  ];
}
