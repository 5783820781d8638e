import type { Target } from './target.ts';

export interface ProviderCall {
  readonly target: Target;
  /** JSON in the target's protocol, its model name included. */
  readonly body: Buffer;
  readonly stream: boolean;
  /** Once aborted, the call and the reading of its body reject at once. */
  readonly signal: AbortSignal;
  /** Allow-listed already: none of the client's credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** After the path of the protocol: `/count_tokens`. */
  readonly subpath?: string;
}

export interface ProviderReply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  /** Must be read to its end, left early with `return()`, or aborted with the signal. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Who serves models. An HTTP error is a reply; a call rejects only when there is no reply. */
export interface Provider {
  readonly name: string;
  call(call: ProviderCall): Promise<ProviderReply>;
  /** Asks what models it has, which costs nothing. Absent where there is nobody to ask without naming a model. */
  probe?(signal: AbortSignal): Promise<ProviderReply>;
  /** Lets the calls under way finish, then lets go of every connection. */
  close(): Promise<void>;
}
