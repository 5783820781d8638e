// A panel for each curve: what a request takes, and where it is the number of clients that grows how many are served, by size.
import { area, gridLine } from '../../src/evaluation/plot/axes.ts';
import { at, colours, element, heading, label, toPicture } from '../../src/evaluation/plot/svg.ts';
import type { Figures } from '../bench/figures.ts';
import { threeDigits } from '../support/align-columns.ts';
import { toCount } from './describe-curve.ts';
import type { MeasuredPoint } from './measure-curve.ts';

export interface MeasuredCurve {
  readonly name: string;
  readonly points: readonly MeasuredPoint[];
}

const margin = 56;
const columnWidth = area.width + 72;
const rowHeight = area.height + 92;
const top = 36;
const ticks = 4;
const roundNumbers = [1, 2, 4, 8, 10];

const measures = [
  // Not the median: it jumps from one tier to the other where each decides about half.
  {
    title: 'ms a request, on average',
    read: (figures: Figures) => 1_000 / figures.requestsPerSecond,
  },
  { title: 'requests a second', read: (figures: Figures) => figures.requestsPerSecond },
] as const;

const lines = [
  { title: 'decided', colour: colours.right, pick: ({ decided }: MeasuredPoint) => decided },
  { title: 'forced class', colour: colours.bar, pick: ({ forced }: MeasuredPoint) => forced },
] as const;

/** Two panels a row. */
export function toGrowthChart(curves: readonly MeasuredCurve[]): string {
  const size = {
    title: 'How cost grows',
    width: margin + 2 * columnWidth,
    height: margin / 2 + Math.ceil(curves.length / 2) * rowHeight,
  };
  const panels = curves.map((curve, index) =>
    at(
      margin + (index % 2) * columnWidth,
      margin / 2 + Math.floor(index / 2) * rowHeight,
      panel(curve),
    ),
  );
  return toPicture(size, ...panels);
}

function panel({ name, points }: MeasuredCurve): string {
  const [latency, throughput] = measures;
  const { title, read } = name.startsWith('clients') ? throughput : latency;
  const sizes = points.map(({ size }) => Math.log(size));
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const yMax = endOfAxis(
    Math.max(...points.flatMap((p) => lines.map(({ pick }) => read(pick(p))))),
  );
  const toX = (size: number) => ((Math.log(size) - least) / (most - least)) * area.width;
  const toY = (value: number) => (1 - value / yMax) * area.height;
  return [
    heading(name),
    legend(),
    at(
      0,
      top,
      label(title, { x: 0, y: -6, fill: colours.muted }),
      grid(
        points.map(({ size }) => size),
        { toX, yMax },
      ),
      ...lines.flatMap(({ pick, colour }) => {
        const places = points.map((point) => [toX(point.size), toY(read(pick(point)))] as const);
        const path = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
        const stroke = { fill: 'none', stroke: colour, 'stroke-width': 2 };
        return [
          element('polyline', { points: path, ...stroke }),
          ...places.map(([cx, cy]) => element('circle', { cx, cy, r: 3, fill: colour })),
        ];
      }),
    ),
  ].join('');
}

/** Sizes stand where they belong on a logarithmic axis, values on one that begins at 0. */
function grid(
  sizes: readonly number[],
  { toX, yMax }: { readonly toX: (size: number) => number; readonly yMax: number },
): string {
  const { width, height } = area;
  const muted = { fill: colours.muted };
  const columns = sizes.flatMap((size) => [
    gridLine(toX(size), 0, toX(size), height),
    label(toCount(size), { x: toX(size), y: height + 15, 'text-anchor': 'middle', ...muted }),
  ]);
  const rows = Array.from({ length: ticks + 1 }, (_, tick) => {
    const y = (1 - tick / ticks) * height;
    const value = threeDigits((tick / ticks) * yMax);
    return [
      gridLine(0, y, width, y),
      label(value, { x: -7, y: y + 4, 'text-anchor': 'end', ...muted }),
    ];
  });
  return [...columns, ...rows.flat()].join('');
}

function legend(): string {
  return lines
    .map(({ title, colour }, index) =>
      at(
        area.width - 140 + index * 65,
        top - 20,
        element('circle', { cx: 0, cy: 10, r: 4, fill: colour }),
        label(title, { x: 8, y: 14 }),
      ),
    )
    .join('');
}

function endOfAxis(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return (roundNumbers.find((end) => end * power >= most) ?? 10) * power;
}
