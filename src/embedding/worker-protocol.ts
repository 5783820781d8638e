import type { Embedding } from './embedder.ts';

export interface TextToEmbed {
  readonly id: number;
  readonly text: string;
}

export type WorkerRequest =
  | { readonly kind: 'embed'; readonly texts: readonly TextToEmbed[] }
  /** Finish what is being done, then end. */
  | { readonly kind: 'stop' };

/** A request is answered in parts; every text of it occurs in exactly one. */
export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'embedded'; readonly results: readonly IdentifiedEmbedding[] }
  | { readonly kind: 'failed'; readonly ids: readonly number[]; readonly reason: string };

interface IdentifiedEmbedding extends Embedding {
  readonly id: number;
}

export interface WorkerEvents {
  onReply(reply: WorkerReply): void;
  /** Once, after the last reply, however the worker ended. */
  onExit(reason: string): void;
}

export interface EmbeddingWorker {
  embed(texts: readonly TextToEmbed[]): void;
  /**
   * Lets it finish what it is doing, then end; resolves when it has. There is no way to end it at once: Node aborts
   * the whole process when it terminates a thread that is inside ONNX Runtime.
   */
  stop(): Promise<void>;
}

/** Events come later, never during the call. */
export type StartWorker = (events: WorkerEvents) => EmbeddingWorker;
