import { asCount, asJsonObject, type JsonObject } from '../json.ts';
import type { Protocol } from '../protocol.ts';

/** Tokens of one call, no token in two places except that reasoning is part of the output. */
export interface Usage {
  /** Neither read from a cache nor written to one. */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** What a whole reply, or one event of a stream, says of its usage; undefined when it says nothing. */
export function readUsage(payload: JsonObject, protocol: Protocol): Partial<Usage> | undefined {
  const holder = asJsonObject(payload['message']) ?? asJsonObject(payload['response']);
  const usage = asJsonObject(payload['usage']) ?? asJsonObject(holder?.['usage']);
  if (usage === undefined) return undefined;
  return protocol === 'messages' ? ofMessages(usage) : ofOpenAi(usage);
}

/** Anthropic counts what the cache did apart from the input. */
function ofMessages(usage: JsonObject): Partial<Usage> {
  return defined({
    inputTokens: asCount(usage['input_tokens']),
    cachedInputTokens: asCount(usage['cache_read_input_tokens']),
    cacheWriteTokens: asCount(usage['cache_creation_input_tokens']),
    outputTokens: asCount(usage['output_tokens']),
  });
}

/** OpenAI counts it among the input, and calls the same things differently from protocol to protocol. */
function ofOpenAi(usage: JsonObject): Partial<Usage> {
  const inputDetails = usage['prompt_tokens_details'] ?? usage['input_tokens_details'];
  const outputDetails = usage['completion_tokens_details'] ?? usage['output_tokens_details'];
  const input = asCount(usage['prompt_tokens'] ?? usage['input_tokens']);
  const cached = asCount(asJsonObject(inputDetails)?.['cached_tokens']);
  return defined({
    inputTokens: input === undefined ? undefined : Math.max(0, input - (cached ?? 0)),
    cachedInputTokens: cached,
    outputTokens: asCount(usage['completion_tokens'] ?? usage['output_tokens']),
    reasoningTokens: asCount(asJsonObject(outputDetails)?.['reasoning_tokens']),
  });
}

/** Adds up what the events of a stream said: the later word wins. Undefined when none said anything. */
export function mergeUsage(
  earlier: Partial<Usage> | undefined,
  later: Partial<Usage> | undefined,
): Partial<Usage> | undefined {
  return earlier === undefined ? later : { ...earlier, ...later };
}

const nothing: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

/** What was left unsaid was not used. */
export function completeUsage(said: Partial<Usage> | undefined): Usage | undefined {
  if (said === undefined) return undefined;
  return { ...nothing, ...said };
}

/** Everything that was read and written; undefined when nobody said. */
export function totalTokensOf(usage: Usage | undefined): number | undefined {
  if (usage === undefined) return undefined;
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens } = usage;
  return inputTokens + cachedInputTokens + cacheWriteTokens + outputTokens;
}

function defined(fields: { [Name in keyof Usage]?: number | undefined }): Partial<Usage> {
  const said: { -readonly [Name in keyof Usage]?: number } = {};
  for (const name in fields) {
    const value = fields[name as keyof Usage];
    if (value !== undefined) said[name as keyof Usage] = value;
  }
  return said;
}
