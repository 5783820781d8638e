// What is left of a request when it is over. Everything that measures is built on it: the log, the metrics, the traces and
// the decision store. Its parts are plain values, so that they can be kept as JSON; what is dear is made when it is wanted.
import { deploymentName } from '../config/deployment-name.ts';
import type { TraceContext } from './traces/trace-context.ts';

/** How a request ended, for whoever asked. */
export const requestOutcomes = [
  /** The first candidate that was asked answered, be it at another try. */
  'ok',
  /** A later one did, which may be the same model at another provider. */
  'fallback_ok',
  /** The request itself was wrong, as a provider says, or as no model is made for it. */
  'client_error',
  /** The answer broke off after its first content. */
  'upstream_error',
  /** No candidate answered. */
  'exhausted',
  /** The client left before the end. */
  'client_closed',
] as const;

export type RequestOutcome = (typeof requestOutcomes)[number];

export interface RecordedCandidate {
  readonly model: string;
  readonly provider: string;
  readonly className?: string | undefined;
  readonly status: 'in' | 'out';
  readonly cause: string;
  readonly reason: string;
}

export interface RecordedAttempt {
  readonly model: string;
  readonly provider: string;
  readonly className?: string | undefined;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Where traces are exported: 16 hexadecimal digits, which the provider was told. */
  readonly spanId?: string | undefined;
  /** Streams that got that far: from the start of the attempt. */
  readonly firstContentMs?: number | undefined;
  /** Asked beside another, which was late. */
  readonly isHedge?: true | undefined;
  readonly outcome: 'ok' | 'failed' | 'stopped' | 'outrun' | 'client-gone';
  /** The provider's HTTP status, when it gave one. */
  readonly status?: number | undefined;
  readonly cause?: string | undefined;
  readonly message?: string | undefined;
  readonly usage?: RecordedUsage | undefined;
  /** US dollars; undefined when unknown. */
  readonly costUsd?: number | undefined;
  /** Of what was outrun: tokens as the provider said, else those of the prompt, estimated. */
  readonly wastedTokens?: number | undefined;
}

/** ok, client-gone, outrun, or the cause of the failure: a closed set. */
export function resultOf({ outcome, cause }: Pick<RecordedAttempt, 'outcome' | 'cause'>): string {
  return outcome === 'ok' ? 'ok' : (cause ?? outcome);
}

type DescribedAttempt = Pick<
  RecordedAttempt,
  'className' | 'model' | 'provider' | 'status' | 'cause' | 'outcome'
>;

/** Each attempt in a header or a log line: `coding/gpt-5.5:503`. */
export function describeAttempts(attempts: readonly DescribedAttempt[]): string[] {
  const nameOf = createAttemptNamer(attempts);
  return attempts.map((attempt) => {
    const { className, status, cause, outcome } = attempt;
    const prefix = className === undefined ? '' : `${className}/`;
    return `${prefix}${nameOf(attempt)}:${status ?? cause ?? outcome}`;
  });
}

type NamedAttempt = Pick<RecordedAttempt, 'model' | 'provider'>;

/** Names the model, and also the provider where it was asked at several. */
export function createAttemptNamer(
  attempts: readonly NamedAttempt[],
): (attempt: NamedAttempt) => string {
  return (attempt) => {
    const { model, provider } = attempt;
    const isElsewhere = (other: NamedAttempt) =>
      other.model === model && other.provider !== provider;
    return attempts.some(isElsewhere) ? deploymentName(attempt) : model;
  };
}

/** Tokens; reasoning is part of the output, otherwise none is counted twice. */
export interface RecordedUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

interface RecordedContext {
  /** Earlier turns that were read. */
  readonly turns: number;
  /** How much of the posterior comes from them. */
  readonly share: number;
  /** What they were about. */
  readonly prior: readonly { readonly className: string; readonly probability: number }[];
}

interface RecordedHold {
  /** Who had served the conversation. */
  readonly model: string;
  readonly kind: 'stays' | 'leaves';
  readonly reason: string;
  /** What leaving costs and gains, in US dollars, where that decided. */
  readonly sum?: { readonly costUsd: number; readonly gainUsd: number } | undefined;
}

export interface RequestRecord {
  readonly decisionId: string;
  readonly requestId: string;
  readonly conversation?: string | undefined;
  /** Where traces are exported. */
  readonly trace?: TraceContext | undefined;
  /** When it came, in milliseconds since the epoch. */
  readonly atMs: number;
  /** To the last byte of the answer. */
  readonly durationMs: number;
  readonly protocol: string;
  readonly stream: boolean;
  /** `model` as the client wrote it. */
  readonly requestedModel: string;
  readonly outcome: RequestOutcome;
  /** What the client got; 499 when it had left. */
  readonly status: number;

  /** The class that was decided; undefined when the request named a model. */
  readonly className?: string | undefined;
  readonly confidence?: number | undefined;
  /** posterior, example, abstained or forced. */
  readonly basis: string;
  readonly abstained?: string | undefined;
  /** static or transformer: who weighed it; absent where nothing was weighed. */
  readonly tier?: string | undefined;
  readonly posterior: readonly { readonly className: string; readonly probability: number }[];
  readonly neighbours: readonly {
    readonly id: string;
    readonly className: string;
    readonly similarity: number;
  }[];
  readonly candidates: readonly RecordedCandidate[];
  readonly attempts: readonly RecordedAttempt[];
  /** What was read to decide; absent where nothing was. */
  readonly ask?:
    | { readonly characters: number; readonly read: string; readonly tokens?: number | undefined }
    | undefined;
  /** What came before in its conversation; absent where nothing did, or nothing was weighed. */
  readonly context?: RecordedContext | undefined;
  /** Why the conversation stayed with the model that had served it, or left; absent where nobody had. */
  readonly hold?: RecordedHold | undefined;

  /** Who answered; undefined when nobody did. */
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  /** The class that served, which a fallback can change. */
  readonly servedClass?: string | undefined;
  /** From the request's arrival to the first content that went to the client. */
  readonly firstContentMs?: number | undefined;
  readonly timings: {
    readonly embedMs: number;
    readonly searchMs: number;
    readonly weighMs: number;
  };
  /** Decision and plan. */
  readonly routing: { readonly startedAtMs: number; readonly durationMs: number };

  /** What the person asked; what of it is kept, and where, is for each of its readers to limit. */
  readonly text?: string | undefined;
  /** Makes what the decision can be made again from, without the encoder; absent where no vector took part. */
  readonly recordFeatures?: (() => Uint8Array) | undefined;
  readonly bundle: {
    readonly encoderHash: string;
    readonly exampleSetHash: string;
    readonly configHash: string;
  };
}

/** Whoever wants to know of requests that are over. Never throws, never waits. */
export interface Recorder {
  record(request: RequestRecord): void;
}

/** It answered, be it in part, and nobody knows for how much. What failed before any content is taken to have cost nothing. */
export function hasUnknownCost(
  attempt: Pick<RecordedAttempt, 'outcome' | 'costUsd' | 'firstContentMs'>,
): boolean {
  const hasAnswered = attempt.outcome === 'ok' || attempt.firstContentMs !== undefined;
  return hasAnswered && attempt.costUsd === undefined;
}

/** The tokens and the cost of everything that was tried. Unknown costs leave the sum unknown. */
export function totalsOf({ attempts }: Pick<RequestRecord, 'attempts'>): {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number | undefined;
} {
  let inputTokens = 0;
  let outputTokens = 0;
  let costUsd: number | undefined = 0;
  for (const attempt of attempts) {
    const { usage, costUsd: cost } = attempt;
    if (usage !== undefined) {
      inputTokens += usage.inputTokens + usage.cachedInputTokens + usage.cacheWriteTokens;
      outputTokens += usage.outputTokens;
    }
    if (cost !== undefined) costUsd = costUsd === undefined ? undefined : costUsd + cost;
    else if (hasUnknownCost(attempt)) costUsd = undefined;
  }
  return { inputTokens, outputTokens, costUsd: attempts.length === 0 ? undefined : costUsd };
}
