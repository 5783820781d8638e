import { randomUUID } from 'node:crypto';
import { formatTraceparent, type Traceparent } from './traceparent.ts';

/** The trace that a request is in, with the id of the server's span: drawn when it comes, exported once it is over. */
export interface TraceContext extends Traceparent {
  /** What the client sent the request from. */
  readonly parent?: Traceparent | undefined;
  /** What the client's tracing systems say of themselves, to be handed on as it is. */
  readonly state?: string | undefined;
}

/** The span of a call to a model, with what lets the provider go on with the trace. */
export interface AttemptSpan {
  readonly spanId: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function startAttemptSpan(context: TraceContext): AttemptSpan {
  // Drawn from a pool that Node keeps, unlike single bytes; neither end of it is fixed.
  const uuid = randomUUID();
  const spanId = uuid.slice(0, 8) + uuid.slice(-8);
  const traceparent = formatTraceparent({ ...context, spanId });
  const state = context.state === undefined ? {} : { tracestate: context.state };
  return { spanId, headers: { traceparent, ...state } };
}
