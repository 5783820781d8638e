import type { RecordedAttempt, RecordedCandidate, RequestRecord } from '../request-record.ts';

/** What a list shows of a decision. Null is what is not known, or was not to be kept. */
export interface DecisionSummary {
  readonly id: string;
  /** ISO 8601, when the request came. */
  readonly at: string;
  readonly class: string | null;
  readonly servedClass: string | null;
  readonly confidence: number | null;
  readonly basis: string;
  readonly abstained: string | null;
  readonly model: string | null;
  readonly provider: string | null;
  readonly outcome: string;
  readonly status: number;
  readonly protocol: string;
  readonly stream: boolean;
  readonly attemptCount: number;
  readonly durationMs: number;
  readonly firstContentMs: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number | null;
  readonly conversation: string | null;
  readonly text: string | null;
  readonly textHash: string | null;
}

export interface DecisionPage {
  readonly decisions: readonly DecisionSummary[];
  /** Names where the next page begins; undefined at the end. */
  readonly nextCursor: string | undefined;
}

/** Everything that is known of one decision. */
export interface StoredDecision extends DecisionSummary {
  readonly requestId: string;
  /** Where traces are exported. */
  readonly traceId?: string;
  readonly requestedModel: string;
  readonly posterior: RequestRecord['posterior'];
  /** The nearest ten. */
  readonly neighbours: RequestRecord['neighbours'];
  /** The four are missing where there is nothing to say, and in decisions of earlier versions. */
  readonly tier?: RequestRecord['tier'];
  readonly ask?: RequestRecord['ask'];
  readonly context?: RequestRecord['context'];
  readonly hold?: RequestRecord['hold'];
  readonly candidates: readonly RecordedCandidate[];
  readonly attempts: readonly RecordedAttempt[];
  /** Earlier versions told fewer apart. */
  readonly timings: Partial<RequestRecord['timings']>;
  readonly bundle: RequestRecord['bundle'];
  /** Whether it can be made again without the encoder, and what from, in base64; null where that is not kept. */
  readonly replayable: boolean;
  readonly features: string | null;
  readonly feedback: readonly StoredFeedback[];
}

/** What somebody said of a decision. */
export interface Feedback {
  readonly decisionId: string;
  /** What is said again under the same key replaces what was said before. */
  readonly key: string;
  /** The class that would have been right. */
  readonly className?: string | undefined;
  /** 0 to 1. */
  readonly score?: number | undefined;
  readonly tags: readonly string[];
  readonly comment?: string | undefined;
}

export interface StoredFeedback {
  readonly decision_id: string;
  readonly key: string;
  readonly at: string;
  readonly class: string | null;
  readonly score: number | null;
  readonly tags: readonly string[];
  readonly comment: string | null;
}

/** Newest first; what is left out does not matter. */
export interface DecisionQuery {
  readonly className?: string | undefined;
  readonly model?: string | undefined;
  readonly outcome?: string | undefined;
  readonly abstained?: boolean | undefined;
  readonly minConfidence?: number | undefined;
  readonly maxConfidence?: number | undefined;
  /** From then on. */
  readonly fromMs?: number | undefined;
  /** Before then. */
  readonly toMs?: number | undefined;
  /** Words that must all be in the text. */
  readonly text?: string | undefined;
  readonly limit: number;
  /** Of the page before. */
  readonly cursor?: string | undefined;
}
