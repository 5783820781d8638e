// What was asked of a model, in the words of OpenTelemetry's conventions for generative AI.
import type { RecordedAttempt, RecordedUsage, RequestRecord } from '../request-record.ts';
import { type Attributes, known, type PlannedSpan } from './planned-span.ts';

/** Where the conventions have another name for a provider than people's configurations. */
const conventionalNames: ReadonlyMap<string, string> = new Map([
  ['azure', 'azure.ai.openai'],
  ['bedrock', 'aws.bedrock'],
  ['gemini', 'gcp.gemini'],
  ['google', 'gcp.gemini'],
  ['mistral', 'mistral_ai'],
  ['vertex', 'gcp.vertex_ai'],
  ['xai', 'x_ai'],
]);

export function toAttemptSpan(
  attempt: RecordedAttempt,
  { request, number }: { readonly request: RequestRecord; readonly number: number },
): PlannedSpan {
  const operation = operationOf(request.protocol);
  const hasFailed = attempt.outcome === 'failed' || attempt.outcome === 'stopped';
  return {
    spanId: attempt.spanId,
    name: `${operation} ${attempt.model}`,
    kind: 'client',
    startMs: attempt.startedAtMs,
    endMs: attempt.startedAtMs + attempt.durationMs,
    errorType: hasFailed ? (attempt.cause ?? String(attempt.status ?? '_OTHER')) : undefined,
    attributes: known({
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': conventionalNames.get(attempt.provider) ?? attempt.provider,
      'gen_ai.request.model': attempt.model,
      'gen_ai.request.stream': request.stream,
      'gen_ai.conversation.id': request.conversation,
      'gen_ai.response.time_to_first_chunk': seconds(attempt.firstContentMs),
      ...(attempt.usage && usageAttributes(attempt.usage)),
      'http.response.status_code': attempt.status,
      'switchyard.attempt': number,
      'switchyard.class': attempt.className,
      'switchyard.hedge': attempt.isHedge,
      'switchyard.outcome': attempt.outcome,
      'switchyard.cost_usd': attempt.costUsd,
    }),
    children: [],
  };
}

function operationOf(protocol: string): string {
  if (protocol === 'embeddings') return 'embeddings';
  return protocol === 'completions' ? 'text_completion' : 'chat';
}

/** The conventions count what the cache did among the input. Zeros are mostly what nobody told. */
function usageAttributes(usage: RecordedUsage): Attributes {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens } = usage;
  return known({
    'gen_ai.usage.input_tokens': inputTokens + cachedInputTokens + cacheWriteTokens,
    'gen_ai.usage.output_tokens': outputTokens,
    'gen_ai.usage.cache_read.input_tokens': cachedInputTokens || undefined,
    'gen_ai.usage.cache_creation.input_tokens': cacheWriteTokens || undefined,
    'gen_ai.usage.reasoning.output_tokens': reasoningTokens || undefined,
  });
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000;
}
