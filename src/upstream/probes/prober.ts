// Asks providers now and then how they do, so that one that is gone is found out, and one that is back, before a request is.
import type { Clock, Timer } from '../../clock.ts';
import type { Random } from '../../random.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Provider } from '../provider.ts';
import { type ProbeResult, probeProvider } from './probe-provider.ts';

interface ProbeReport extends ProbeResult {
  /** In milliseconds since the epoch. */
  readonly atMs: number;
}

export interface Prober {
  /** What the last probe of a provider brought; undefined when there was none. */
  last(provider: string): ProbeReport | undefined;
  /** No more probes; one that is under way is ended. */
  stop(): void;
  /** The same; resolves when nothing is under way any more. */
  close(): Promise<void>;
}

export interface ProberOptions {
  /** Those that can not be probed are left alone. */
  readonly providers: readonly Provider[];
  /** `everyMs` from the end of one probe of a provider to the next. */
  readonly settings: { readonly everyMs: number; readonly timeoutMs: number };
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Called after each probe, never after `stop`. */
  readonly onResult: (provider: string, result: ProbeResult) => void;
}

export const noProbes: Prober = {
  last: () => undefined,
  stop() {},
  close: () => Promise.resolve(),
};

/** Waits differ by so much of themselves either way, so that many do not ask in step. */
const jitter = 0.1;

export function createProber(options: ProberOptions): Prober {
  const { settings, clock, random, logger, onResult } = options;
  const stopped = new AbortController();
  const timers = new Map<string, Timer>();
  const underWay = new Set<Promise<void>>();
  const reports = new Map<string, ProbeReport>();

  function schedule(provider: Provider, delayMs: number): void {
    if (stopped.signal.aborted) return;
    const timer = clock.setTimer(delayMs, () => {
      const probing = run(provider).catch((error: unknown) => {
        logger.error({ err: error, provider: provider.name }, 'a probe ended in a bug');
      });
      underWay.add(probing);
      void probing.then(() => underWay.delete(probing));
    });
    timers.set(provider.name, timer);
  }

  async function run(provider: Provider): Promise<void> {
    const { name, probe } = provider;
    if (probe === undefined) return;
    const { timeoutMs, everyMs } = settings;
    const result = await probeProvider({ probe, timeoutMs, clock, signal: stopped.signal });
    if (result === undefined || stopped.signal.aborted) return;
    reports.set(name, { ...result, atMs: clock.now() });
    onResult(name, result);
    if (result.outcome === 'unsupported') {
      logger.info({ provider: name, reason: result.reason }, 'has no list of models: not probed');
      return;
    }
    schedule(provider, everyMs * (1 - jitter + 2 * jitter * random()));
  }

  function stop(): void {
    stopped.abort();
    for (const timer of timers.values()) timer.cancel();
    timers.clear();
  }

  for (const provider of options.providers) {
    // The first ones are spread over the whole time.
    if (provider.probe !== undefined) schedule(provider, settings.everyMs * random());
  }

  return {
    last: (provider) => reports.get(provider),
    stop,
    async close() {
      stop();
      await Promise.all(underWay);
    },
  };
}
