import { setTimeout } from 'node:timers/promises';
import type { RunningRouter } from '../support/start-router.ts';
import type { Phase } from './phase.ts';
import { keptDecisions, openSockets, readMetrics } from './watch.ts';

/** What is left once everybody has gone home. */
export async function clearUp(
  router: RunningRouter,
  upstreamUrl: string,
  phases: readonly Phase[],
) {
  const { url } = router;
  // Longer than idle connections to providers and from clients are kept by those who opened them.
  let metrics = await readMetrics(url);
  for (let waited = 0; waited < 30; waited += 1) {
    await setTimeout(1_000);
    metrics = await readMetrics(url);
    const isWritten = metrics('switchyard_decision_store_queued') === 0;
    if (waited >= 8 && isWritten && metrics('switchyard_inflight_requests') === 0) break;
  }
  const told = phases.flatMap(({ decisionIds }) => decisionIds);
  const kept = await keptDecisions(url);
  const known = new Set(kept);
  return {
    sockets: openSockets(router),
    handles: metrics('switchyard_nodejs_active_handles_total'),
    underWay: metrics('switchyard_inflight_requests'),
    openUpstream: Number(await (await fetch(`${upstreamUrl}/open`)).text()),
    breakerChanges: metrics('switchyard_breaker_changes_total'),
    retries: metrics('switchyard_retries_total'),
    decisions: {
      counted: metrics('switchyard_requests_total'),
      kept: kept.length,
      keptTwice: kept.length - known.size,
      toldAndNotKept: told.filter((id) => !known.has(id)).length,
      dropped: metrics('switchyard_decision_store_dropped'),
    },
  };
}
