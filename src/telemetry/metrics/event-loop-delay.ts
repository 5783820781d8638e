import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

const samplingMs = 10;
const quantiles = [0.5, 0.9, 0.99, 1];
/** What prom-client tells of the same: its figures contain the time between two samples, ten milliseconds of nothing. */
const misleading = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(
  (name) => `switchyard_nodejs_eventloop_lag_${name}_seconds`,
);

/**
 * Shows how late the event loop is, in seconds since it was last asked for, in place of what prom-client shows. Node's histogram
 * holds the time from one sample to the next; what goes beyond the interval is delay. Returns what ends the sampling.
 */
export function watchEventLoopDelay(registry: Registry): () => void {
  for (const name of misleading) registry.removeSingleMetric(name);
  const histogram = monitorEventLoopDelay({ resolution: samplingMs });
  histogram.enable();
  new Gauge({
    name: 'switchyard_event_loop_delay_seconds',
    help: 'How late the event loop came to what was due, since the last scrape; 1 is the longest.',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      for (const quantile of quantiles) {
        const betweenMs = histogram.percentile(100 * quantile) / 1e6;
        this.set({ quantile }, Math.max(0, betweenMs - samplingMs) / 1_000);
      }
      histogram.reset();
    },
  });
  return () => {
    histogram.disable();
  };
}
