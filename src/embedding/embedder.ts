import { ExplainedError } from '../errors.ts';

/** What made the vectors: two embeddings compare only when their encoders' hashes are equal. */
export interface Encoder {
  readonly id: string;
  readonly hash: string;
  /** Of every `vector`. */
  readonly dimensions: number;
  /** Of every `features`: twice as many, or as many where the model gives no middle view. */
  readonly featureDimensions: number;
  readonly maxTokens: number;
}

/** What the encoder makes of a text; shared with other callers, never to be changed. */
export interface TextVectors {
  /** For neighbours: [dimensions], unit length. */
  readonly vector: Float32Array;
  /**
   * For the classifier's head: [featureDimensions], unit length. The vector and the view of a middle layer, joined
   * and each scaled by √½; of a model without that view the vector itself, the same array.
   */
  readonly features: Float32Array;
}

export interface Embedding extends TextVectors {
  /** Tokens the encoder saw, after truncation. */
  readonly tokens: number;
  readonly truncated: boolean;
}

/** `late`: the caller's deadline passed. `down`: no worker can serve, or too many texts wait. */
export class EmbedderError extends ExplainedError {
  override readonly name = 'EmbedderError';
  readonly kind: 'late' | 'down';

  constructor(kind: 'late' | 'down', message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface Embedder {
  readonly encoder: Encoder;
  /**
   * One embedding per text, in order. `deadlineMs` counts from the call. Rejects with EmbedderError when the
   * deadline passes ('late') or no worker can serve ('down').
   */
  embed(texts: readonly string[], options?: { readonly deadlineMs?: number }): Promise<Embedding[]>;
  close(): Promise<void>;
}

/** The part of a pino logger that the embedder uses. */
export interface EmbedderLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}
