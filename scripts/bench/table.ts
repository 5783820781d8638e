// The figures of one scenario, for people.
import type { Figures, Spread } from './figures.ts';

const columns: readonly (readonly [title: string, cell: (figures: Figures) => string])[] = [
  ['', ({ target }) => target],
  ['p50 ms', ({ latencyMs }) => digits(latencyMs.p50)],
  ['p99 ms', ({ latencyMs }) => digits(latencyMs.p99)],
  ['first byte ms', ({ firstByteMs }) => both(firstByteMs)],
  ['gap ms', ({ gapMs }) => both(gapMs)],
  ['/s', ({ requestsPerSecond }) => digits(requestsPerSecond)],
  ['CPU ms/request', ({ cpuMsPerRequest }) => digits(cpuMsPerRequest)],
  ['RSS MB', ({ residentMb }) => digits(residentMb)],
  ['loop p99 ms', ({ loopDelayP99Ms }) => digits(loopDelayP99Ms)],
  ['late %', ({ lateShare }) => (lateShare === 0 ? '' : digits(100 * lateShare))],
  ['× direct p50, /s', ({ toDirect }) => ratio(toDirect)],
  ['× portkey p50, /s', ({ toPortkey }) => ratio(toPortkey)],
];

export function toTable(title: string, rows: readonly Figures[]): string {
  const cells = [
    columns.map(([name]) => name),
    ...rows.map((figures) => columns.map(([, cell]) => cell(figures))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  '),
  );
  return `${title}\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

function both(spread: Spread | undefined): string {
  return spread === undefined ? '' : `${digits(spread.p50)} / ${digits(spread.p99)}`;
}

function ratio(of: Figures['toDirect']): string {
  return of === undefined ? '' : `${digits(of.latency)}, ${digits(of.throughput)}`;
}

/** Three of them that matter. */
function digits(value: number | undefined): string {
  if (value === undefined) return '';
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
