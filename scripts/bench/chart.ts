// Latency and throughput of every target, a row of bars for each scenario that is shown.
import { at, colours, element, heading, label, toPicture } from '../../src/evaluation/plot/svg.ts';
import type { Figures } from './figures.ts';
import { bareProxy } from './targets.ts';

export interface ChartedScenario {
  readonly title: string;
  readonly figures: readonly Figures[];
}

const barWidth = 230;
const barHeight = 14;
const rowHeight = 20;
const nameWidth = 150;
const columnWidth = nameWidth + barWidth + 70;
const margin = 24;

export function toChart(scenarios: readonly ChartedScenario[]): string {
  let y = margin;
  const blocks = scenarios.map(({ title, figures }) => {
    const block = at(
      margin,
      y,
      heading(title),
      at(
        0,
        28,
        bars('median, ms', figures, ({ latencyMs }) => latencyMs.p50),
      ),
      at(
        columnWidth,
        28,
        bars('requests a second', figures, (each) => each.requestsPerSecond),
      ),
    );
    y += 64 + figures.length * rowHeight;
    return block;
  });
  const width = 2 * margin + 2 * columnWidth;
  return toPicture({ title: 'Latency and throughput', width, height: y }, ...blocks);
}

/** On a scale of their own that ends at the longest but for the ceilings, which may be many times as fast. */
function bars(
  title: string,
  figures: readonly Figures[],
  read: (figures: Figures) => number,
): string {
  const longest = Math.max(...figures.filter(isNoCeiling).map(read));
  const rows = figures.map((each, index) => {
    const value = read(each);
    const length = Math.min(1, value / longest) * barWidth;
    const shown = value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
    const isOwn = isNoCeiling(each) && each.target !== 'portkey';
    return at(
      0,
      14 + index * rowHeight,
      label(each.target, { x: nameWidth - 8, y: 11, 'text-anchor': 'end' }),
      element('rect', {
        x: nameWidth,
        y: 0,
        width: length,
        height: barHeight,
        fill: isOwn ? colours.right : colours.bar,
      }),
      label(`${shown}${value > longest ? ' →' : ''}`, { x: nameWidth + length + 6, y: 11 }),
    );
  });
  return [label(title, { x: nameWidth, y: 6, fill: colours.muted }), ...rows].join('');
}

/** What decides nothing and records nothing shows what there is left to win. */
function isNoCeiling({ target }: Figures): boolean {
  return target !== 'direct' && target !== bareProxy;
}
