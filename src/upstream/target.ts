import type { Protocol } from '../protocol.ts';
import type { ReadableReasoning } from './without-reasoning.ts';

/** One candidate of a plan, resolved: what to call and how long to wait for it. */
export interface Target {
  /** The configured name. */
  readonly model: string;
  readonly provider: string;
  /** The name that the provider knows the model by; it replaces `model` in the body. */
  readonly upstreamModel: string;
  /** The class that this candidate stands for; undefined when the model was forced. */
  readonly className: string | undefined;
  /** Beyond the attempts allowed: asked only when the prompt is too long for a smaller window. */
  readonly isReserve: boolean;
  /** Out of order, and asked because nobody else is left. */
  readonly isLastTry: boolean;
  /** In tokens; undefined when unknown. */
  readonly contextWindow: number | undefined;
  /** In tokens; undefined when unknown. */
  readonly maxOutputTokens: number | undefined;
  /** What the provider is asked in. */
  readonly protocol: Protocol;
  /** What a provider of chat completions calls the limit of a reply. */
  readonly maxTokensField: string;
  /** Whether its streams of chat completions tell the usage when asked. */
  readonly reportsUsage: boolean;
  readonly readableReasoning: ReadableReasoning;
  readonly timeouts: Timeouts;
}

interface Timeouts {
  /** Until a new connection stands; undefined where the provider's is good enough. */
  readonly connectMs?: number | undefined;
  /** Streams: from the start of the attempt to the first content, connecting included. */
  readonly firstContentMs: number;
  /** Streams: the longest silence after the first content. Also how long an error's body may take. */
  readonly idleMs: number;
  /** The whole attempt. */
  readonly totalMs: number;
}
