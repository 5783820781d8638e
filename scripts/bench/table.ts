// The figures of one scenario, for people.
import { alignColumns, threeDigits } from '../support/align-columns.ts';
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
  ['× idle', ({ loopDelayToIdle }) => digits(loopDelayToIdle)],
  ['late %', ({ lateShare }) => percent(lateShare)],
  ['first tier %', ({ firstTierShare }) => percent(firstTierShare)],
  ['× direct p50, /s', ({ toDirect }) => ratio(toDirect)],
  ['× portkey p50, /s', ({ toPortkey }) => ratio(toPortkey)],
];

export function toTable(title: string, rows: readonly Figures[]): string {
  const cells = [
    columns.map(([name]) => name),
    ...rows.map((figures) => columns.map(([, cell]) => cell(figures))),
  ];
  return `${title}\n${alignColumns(cells)}`;
}

function both(spread: Spread | undefined): string {
  return spread === undefined ? '' : `${digits(spread.p50)} / ${digits(spread.p99)}`;
}

function ratio(of: Figures['toDirect']): string {
  return of === undefined ? '' : `${digits(of.latency)}, ${digits(of.throughput)}`;
}

function percent(share: number): string {
  return share === 0 ? '' : digits(100 * share);
}

function digits(value: number | undefined): string {
  return value === undefined ? '' : threeDigits(value);
}
