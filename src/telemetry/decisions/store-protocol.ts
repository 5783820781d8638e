import type { DecisionsConfig } from '../../config/schema.ts';
import type { StopFlag } from '../../stop-flag.ts';
import type { QueuedRequest } from './queued-request.ts';
import type { MeasuredPage } from './read-measured.ts';
import type {
  DecisionPage,
  DecisionQuery,
  Feedback,
  StoredDecision,
  StoredFeedback,
} from './stored-decision.ts';

/** What the store's thread is started with. */
export interface StoreStart {
  readonly path: string;
  readonly settings: DecisionsConfig;
  readonly nowMs: number;
  /** Whatever ran before died over this file. */
  readonly isSuspect: boolean;
}

/** Once the flag is raised the thread ends before its next call. */
export type StoreThreadStart = StoreStart & { readonly ending: StopFlag };

/** The first word of the thread. */
export type Opening =
  | { readonly kind: 'opened'; readonly movedTo: string | undefined }
  | { readonly kind: 'newer'; readonly found: number; readonly known: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** What the thread can be asked; each call is answered once, in order. */
export interface StoreCalls {
  /** How many were new. */
  write(requests: readonly QueuedRequest[]): number;
  list(query: DecisionQuery): DecisionPage;
  get(id: string): StoredDecision | undefined;
  measured(time: { fromMs: number; toMs: number; before?: number | undefined }): MeasuredPage;
  addFeedback(feedback: Feedback, nowMs: number): StoredFeedback | undefined;
  /** True when there is more to delete. */
  tidy(nowMs: number): boolean;
  /** The last call. */
  close(): void;
}

export interface StoreCall {
  readonly call: number;
  readonly name: keyof StoreCalls;
  readonly parameters: readonly unknown[];
}

export type StoreReply =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly error: string };
