import { randomBytes } from 'node:crypto';
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
  const spanId = randomBytes(8).toString('hex');
  const traceparent = formatTraceparent({ ...context, spanId });
  const state = context.state === undefined ? {} : { tracestate: context.state };
  return { spanId, headers: { traceparent, ...state } };
}
