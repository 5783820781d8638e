import type { Metrics } from '../metrics.ts';
import { toPercent } from './axes.ts';
import { type ConfusionCounts, confusionCounts } from './confusion-counts.ts';
import { at, colours, element, heading, label, shorten, tooltip, widthOf } from './svg.ts';

const maxClasses = 20;
const size = 580;
const maxCell = 72;
const top = 44;
const left = 178;
const maxNameWidth = 24;
const letterWidth = 6.6;
const otherClasses = 'any other class';

/** Rows are true classes, columns predicted ones; a cell is as dark as its share of the row. */
export function confusionMatrix(metrics: Pick<Metrics, 'classes' | 'confusion'>): string {
  const matrix = confusionCounts(metrics, maxClasses);
  const { classNames, rows, classCount } = matrix;
  if (classCount === 0) return heading('Confusion matrix: nothing was judged');
  const isCut = classCount > classNames.length;
  const columns = isCut ? [...classNames, otherClasses] : classNames;
  const cell = Math.min(maxCell, size / columns.length);
  const bottom = rows.length * cell;
  const cutTo = `: the ${classNames.length} of ${classCount} classes with the most mistakes`;
  return [
    heading(`Confusion matrix${isCut ? cutTo : ''}`),
    label(
      'lines; blue where right, orange where wrong, the darker the larger the share of its row',
      {
        y: 31,
        fill: colours.muted,
      },
    ),
    at(
      left,
      top,
      ...rows.map((row, position) =>
        at(0, position * cell, drawRow(row, { position, columns, cell })),
      ),
      ...columns.map((name, position) => columnName(name, (position + 0.5) * cell, bottom)),
      label('true class', {
        transform: `translate(${12 - left} ${bottom / 2}) rotate(-90)`,
        'text-anchor': 'middle',
      }),
      label('predicted class', {
        x: (columns.length * cell) / 2,
        y: bottom + heightOfNames(columns) + 16,
        'text-anchor': 'middle',
      }),
    ),
  ].join('');
}

interface Place {
  readonly position: number;
  readonly columns: readonly string[];
  readonly cell: number;
}

function drawRow(row: ConfusionCounts['rows'][number], { position, columns, cell }: Place): string {
  const name = label(shorten(row.className, maxNameWidth), {
    x: -8,
    y: cell / 2 + 4,
    'text-anchor': 'end',
  });
  const cells = columns.map((predicted, column) => {
    const count = row.counts[column] ?? row.elsewhere;
    const share = row.support === 0 ? 0 : count / row.support;
    const what = `${row.className} → ${predicted}: ${count} of ${row.support} (${toPercent(share)})`;
    return at(
      column * cell,
      0,
      drawCell({ count, share, cell, isRight: column === position, what }),
    );
  });
  return [name, ...cells].join('');
}

interface Cell {
  readonly count: number;
  readonly share: number;
  readonly cell: number;
  readonly isRight: boolean;
  readonly what: string;
}

function drawCell({ count, share, cell, isRight, what }: Cell): string {
  const square = { width: cell, height: cell };
  // Mistakes are spread thin: without the root most would look like none.
  const opacity = isRight ? share : Math.sqrt(share);
  const number = label(`${count}`, {
    x: cell / 2,
    y: cell / 2 + 4,
    'text-anchor': 'middle',
    fill: opacity > 0.65 ? colours.paper : colours.ink,
  });
  return element(
    'g',
    {},
    tooltip(what),
    element('rect', { ...square, fill: colours.paper, stroke: colours.line }),
    element('rect', {
      ...square,
      fill: isRight ? colours.right : colours.wrong,
      'fill-opacity': opacity,
    }),
    ...(count === 0 ? [] : [number]),
  );
}

function columnName(name: string, x: number, y: number): string {
  return label(shorten(name, maxNameWidth), {
    transform: `translate(${(x + 4).toFixed(1)} ${(y + 14).toFixed(1)}) rotate(-45)`,
    'text-anchor': 'end',
  });
}

/** How far slanted names reach down. */
function heightOfNames(names: readonly string[]): number {
  const widest = Math.max(...names.map((name) => widthOf(shorten(name, maxNameWidth))));
  return 14 + widest * letterWidth * Math.SQRT1_2;
}
