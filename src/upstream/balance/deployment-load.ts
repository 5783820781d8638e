import type { Clock } from '../../clock.ts';
import { failureTable } from '../failure.ts';
import type { CallEnd, CallKind } from '../health/health.ts';
import { createPeakLatency, type PeakLatency } from './peak-latency.ts';

/** One call that is under way. */
export interface LoadedCall {
  /** The first content of a stream has come. */
  begun(): void;
  end(end: CallEnd): void;
}

/** What one deployment has to do, and how quick it is. */
export interface DeploymentLoad {
  begin(kind: CallKind): LoadedCall;
  /** A stream counts until its end. */
  inFlight(): number;
  /** Of a whole reply, or of the first content of a stream. Undefined before the first. */
  latency(kind: CallKind): ReturnType<PeakLatency['read']>;
}

/** A failure counts as if it had taken so long, however quick it was: nothing draws calls like quick failures. */
const failureMs = 30_000;

export function createDeploymentLoad(clock: Clock): DeploymentLoad {
  const latencies = new Map<CallKind, PeakLatency>();
  /** When the calls began that have brought nothing yet, the oldest first. */
  const waiting = new Map<CallKind, Set<{ readonly sinceMs: number }>>();
  let inFlight = 0;

  function latencyOf(kind: CallKind): PeakLatency {
    const known = latencies.get(kind) ?? createPeakLatency(clock);
    latencies.set(kind, known);
    return known;
  }

  function waitingFor(kind: CallKind): Set<{ readonly sinceMs: number }> {
    const known = waiting.get(kind) ?? new Set();
    waiting.set(kind, known);
    return known;
  }

  return {
    begin(kind) {
      const latency = latencyOf(kind);
      const call = { sinceMs: clock.now() };
      inFlight += 1;
      waitingFor(kind).add(call);
      const elapsedMs = () => clock.now() - call.sinceMs;
      /** False when it had come already. */
      const stopWaiting = () => waitingFor(kind).delete(call);
      return {
        begun() {
          if (stopWaiting()) latency.observe(elapsedMs());
        },
        end(end) {
          inFlight -= 1;
          const hasNothing = stopWaiting();
          const durationMs = elapsedMs();
          if (isItsFault(end)) {
            latency.observe(Math.max(failureMs, durationMs));
          } else if (hasNothing) {
            // Whoever left would have had to wait at least as long, so that counts where it is long.
            const peakMs = latency.read()?.peakMs ?? Number.POSITIVE_INFINITY;
            if (end.kind === 'ok' || durationMs > peakMs) latency.observe(durationMs);
          }
        },
      };
    },
    inFlight: () => inFlight,
    latency(kind) {
      const seen = latencyOf(kind).read();
      const [oldest] = waitingFor(kind);
      const waitedMs = oldest === undefined ? 0 : clock.now() - oldest.sinceMs;
      // What hangs shows before any timeout says so.
      return seen !== undefined && waitedMs > seen.peakMs
        ? { peakMs: waitedMs, freshness: 1 }
        : seen;
    },
  };
}

function isItsFault(end: CallEnd): boolean {
  return end.kind === 'failed' && failureTable[end.failure.cause].verdict !== 'none';
}
