import type { Failure } from './failure.ts';
import type { Usage } from './usage.ts';

/** One call to one model and what came of it. */
export interface Attempt {
  readonly model: string;
  readonly provider: string;
  readonly className: string | undefined;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** In the trace of the request, where there is one. */
  readonly spanId?: string;
  /** Streams that got that far: from the start of the attempt. */
  readonly firstContentMs?: number;
  /** Asked beside another, which was late. */
  readonly isHedge?: true;
  /**
   * `stopped`: the error is the client's own, so nobody else is asked. `outrun`: broken off, since another that was asked at
   * the same time answered sooner.
   */
  readonly outcome: 'ok' | 'failed' | 'stopped' | 'outrun' | 'client-gone';
  readonly failure?: Failure;
  /** What an answer used, as far as the provider said. */
  readonly usage?: Usage;
}
