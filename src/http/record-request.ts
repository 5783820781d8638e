import type { Response } from 'express';
import { type Catalogue, findDeployment } from '../config/catalogue.ts';
import type { AskFacts } from '../routing/decision.ts';
import type {
  RecordedAttempt,
  RequestOutcome,
  RequestRecord,
} from '../telemetry/request-record.ts';
import type { TraceContext } from '../telemetry/traces/trace-context.ts';
import type { Attempt } from '../upstream/attempt.ts';
import { costUsdOf } from '../upstream/cost.ts';
import type { Execution } from '../upstream/execute.ts';
import { totalTokensOf } from '../upstream/usage.ts';
import type { Question } from './door.ts';
import { requestIdOf } from './request-id.ts';
import type { Routed } from './route-request.ts';

export interface FinishedRequest {
  readonly protocol: string;
  readonly question: Question;
  readonly conversation: string | undefined;
  readonly trace: TraceContext | undefined;
  readonly response: Response;
  readonly routed: Routed;
  readonly execution: Execution;
  /** Each with its end: a stream's may differ from what the execution said at its first content. */
  readonly attempts: readonly Attempt[];
  readonly clientGone: AbortSignal;
  readonly startedAtMs: number;
  readonly routing: RequestRecord['routing'];
  readonly endedAtMs: number;
  readonly catalogue: Catalogue;
  readonly configHash: string;
}

/** What is left of a request when it is over. */
export function toRequestRecord(finished: FinishedRequest): RequestRecord {
  const { question, routed, execution, response, clientGone, startedAtMs } = finished;
  const { decision, candidates, timings, decisionId } = routed;
  const { basis } = decision;
  const answered = 'target' in execution ? execution.target : undefined;
  const attempts = finished.attempts.map((attempt) => toRecorded(attempt, finished));
  const last = attempts.at(-1);
  return {
    decisionId,
    requestId: requestIdOf(response),
    conversation: finished.conversation,
    trace: finished.trace,
    atMs: startedAtMs,
    durationMs: finished.endedAtMs - startedAtMs,
    protocol: finished.protocol,
    stream: question.stream,
    requestedModel: question.model,
    outcome: outcomeOf(finished),
    // What proxies log for a client that left before its reply.
    status: clientGone.aborted ? 499 : response.statusCode,
    className: decision.className,
    confidence: decision.confidence,
    basis: basis.kind,
    abstained: basis.kind === 'abstained' ? basis.reason : undefined,
    tier: decision.tier,
    posterior: decision.posterior,
    neighbours: decision.neighbours,
    candidates,
    attempts,
    ask: decision.ask && withoutExcerpt(decision.ask),
    context: decision.context,
    hold: routed.hold,
    model: answered?.model,
    provider: answered?.provider,
    servedClass: answered?.className,
    firstContentMs:
      last?.firstContentMs === undefined
        ? undefined
        : last.startedAtMs + last.firstContentMs - startedAtMs,
    timings,
    routing: finished.routing,
    text: routed.ask,
    recordFeatures: routed.recordFeatures,
    bundle: { configHash: finished.configHash, ...decision.bundle },
  };
}

/** What of the text is kept is for the decision store to limit. */
function withoutExcerpt({ excerpt: _excerpt, ...facts }: AskFacts): Omit<AskFacts, 'excerpt'> {
  return facts;
}

function outcomeOf({ execution, attempts, clientGone, response }: FinishedRequest): RequestOutcome {
  if (clientGone.aborted || execution.kind === 'client-gone') return 'client_closed';
  // Nobody could serve it, since it is too long or wants too much.
  const isTooMuch = response.statusCode === 400;
  if (execution.kind === 'exhausted') return isTooMuch ? 'client_error' : 'exhausted';
  if (execution.kind === 'refused') return 'client_error';
  const last = attempts.at(-1);
  if (last?.outcome !== 'ok') return 'upstream_error';
  // Neither another try nor a hedge that lost has changed who answers.
  const first = attempts.find(({ isHedge }) => isHedge !== true);
  const isFirst = first?.model === last.model && first.provider === last.provider;
  return isFirst ? 'ok' : 'fallback_ok';
}

function toRecorded(attempt: Attempt, { catalogue, routed }: FinishedRequest): RecordedAttempt {
  const { failure, usage, ...facts } = attempt;
  return {
    status: failure?.status,
    cause: failure?.cause,
    message: failure?.message,
    usage,
    costUsd: costUsdOf(usage, findDeployment(catalogue, attempt)?.prices),
    wastedTokens:
      attempt.outcome === 'outrun' ? (totalTokensOf(usage) ?? routed.promptTokens) : undefined,
    ...facts,
  };
}
