// What the router's process looks like from outside while it is soaked.
import { readdirSync, readlinkSync } from 'node:fs';
import { type RunningRouter, residentBytes } from '../support/start-router.ts';

/** In seconds. */
export const loopDelayP99 = 'switchyard_event_loop_delay_seconds{quantile="0.99"}';

export interface Sample {
  readonly atMs: number;
  readonly residentMb: number;
  /** Since the sample before. */
  readonly loopDelayP99Ms: number;
  readonly underWay: number;
}

export interface Watch {
  readonly samples: readonly Sample[];
  sample(): Promise<void>;
}

export function createWatch({ url, pid }: RunningRouter): Watch {
  const samples: Sample[] = [];
  const startedAtMs = performance.now();
  return {
    samples,
    async sample() {
      const metrics = await readMetrics(url);
      samples.push({
        atMs: performance.now() - startedAtMs,
        residentMb: residentBytes(pid) / 1_024 / 1_024,
        loopDelayP99Ms: metrics(loopDelayP99) * 1_000,
        underWay: metrics('switchyard_inflight_requests'),
      });
    },
  };
}

/** Gives the sum of a metric over its labels, or the one whose labels are named. */
export async function readMetrics(url: string): Promise<(name: string) => number> {
  const reply = await fetch(`${url}/metrics`);
  const lines = (await reply.text()).split('\n');
  return (name) =>
    lines
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** Sockets that the process has open (Linux). */
export function openSockets({ pid }: RunningRouter): number {
  const places = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return places.filter((place) => place.startsWith('socket:')).length;
}

/** The ids of everything that the store has kept, each as often as it has it. */
export async function keptDecisions(url: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor = '';
  do {
    const reply = await fetch(`${url}/admin/decisions?limit=500${cursor}`);
    const page = (await reply.json()) as { data: { id: string }[]; next_cursor: string | null };
    ids.push(...page.data.map(({ id }) => id));
    cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
  } while (cursor !== '');
  return ids;
}
