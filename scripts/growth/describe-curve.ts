// A curve for people: a table of its points, and a sentence that sums it up.
import type { Figures } from '../bench/figures.ts';
import { alignColumns, threeDigits } from '../support/align-columns.ts';
import type { MeasuredPoint } from './measure-curve.ts';

const columns: readonly (readonly [title: string, read: (point: MeasuredPoint) => number])[] = [
  ['p50 ms', ({ decided }) => decided.latencyMs.p50],
  ['p99 ms', ({ decided }) => decided.latencyMs.p99],
  ['/s', ({ decided }) => decided.requestsPerSecond],
  ['CPU ms/request', ({ decided }) => decided.cpuMsPerRequest ?? Number.NaN],
  ['loop p99 ms', ({ decided }) => decided.loopDelayP99Ms ?? Number.NaN],
  ['late %', ({ decided }) => 100 * decided.lateShare],
  ['first tier %', ({ decided }) => 100 * decided.firstTierShare],
  ['forced: p50 ms', ({ forced }) => forced.latencyMs.p50],
  ['p99 ms', ({ forced }) => forced.latencyMs.p99],
  ['/s', ({ forced }) => forced.requestsPerSecond],
  ['CPU ms/request', ({ forced }) => forced.cpuMsPerRequest ?? Number.NaN],
  ['loop p99 ms', ({ forced }) => forced.loopDelayP99Ms ?? Number.NaN],
  ['× forced p50', ({ toForced }) => toForced],
];

export function toCurveTable(name: string, points: readonly MeasuredPoint[]): string {
  return alignColumns([
    [name, ...columns.map(([title]) => title)],
    ...points.map((point) => [
      toCount(point.size),
      ...columns.map(([, read]) => threeDigits(read(point))),
    ]),
  ]);
}

const grown: readonly { readonly title: string; readonly read: (figures: Figures) => number }[] = [
  { title: 'the p99', read: ({ latencyMs }) => latencyMs.p99 },
  { title: 'the CPU a request', read: ({ cpuMsPerRequest }) => cpuMsPerRequest ?? Number.NaN },
  { title: 'the requests a second', read: ({ requestsPerSecond }) => requestsPerSecond },
];

/** How much the figures at the last point are of those at the first, and for every ten times as many. */
export function summarise(name: string, points: readonly MeasuredPoint[]): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return '';
  const tenfolds = Math.log10(last.size / first.size);
  const factors = grown.map(({ title, read }) => ({
    title,
    factor: read(last.decided) / read(first.decided),
  }));
  const whole = factors.map(({ title, factor }) => `× ${threeDigits(factor)} ${title}`).join(', ');
  const each = factors.map(({ factor }) => `× ${threeDigits(factor ** (1 / tenfolds))}`).join(', ');
  const sizes = `From ${toCount(first.size)} to ${toCount(last.size)} ${name}`;
  return `${sizes}: ${whole}; for ten times as many ${each}.`;
}

/** With commas between its thousands. */
export function toCount(value: number): string {
  return value.toLocaleString('en-US');
}
