import { colours, element, label } from './svg.ts';

interface Axes {
  readonly xLabel: string;
  readonly yLabel: string;
  /** Where the vertical axis ends; 1 when left out. The horizontal one goes from 0 to 1. */
  readonly yMax?: number;
}

export const area = { width: 320, height: 240 } as const;

const tickShares = [0, 0.2, 0.4, 0.6, 0.8, 1];
const roundNumbers = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5];

/** The end of an axis that holds a share and has ticks at round numbers. */
export function endOfAxis(share: number): number {
  return roundNumbers.find((end) => end >= share) ?? 1;
}

/** Grid, ticks and names of two axes around an area whose upper left corner is the origin. */
export function axes({ xLabel, yLabel, yMax = 1 }: Axes): string {
  const { width, height } = area;
  const muted = { fill: colours.muted };
  const ticks = tickShares.flatMap((share) => {
    const x = share * width;
    const y = (1 - share) * height;
    return [
      gridLine(x, 0, x, height),
      gridLine(0, y, width, y),
      label(toPercent(share), { x, y: height + 15, 'text-anchor': 'middle', ...muted }),
      label(toPercent(share * yMax), { x: -7, y: y + 4, 'text-anchor': 'end', ...muted }),
    ];
  });
  return [
    ...ticks,
    label(xLabel, { x: width / 2, y: height + 32, 'text-anchor': 'middle' }),
    label(yLabel, {
      transform: `translate(-48 ${height / 2}) rotate(-90)`,
      'text-anchor': 'middle',
    }),
  ].join('');
}

/** A share in whole percents where it is one, else with the decimal that matters. */
export function toPercent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

export function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  return element('line', { x1, y1, x2, y2, stroke: colours.line });
}
