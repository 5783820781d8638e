import { asCount, type JsonObject } from '../json.ts';

/**
 * Anthropic's `usage` as OpenAI counts: `input_tokens` leaves out what was read from the prompt cache
 * or written to it, `prompt_tokens` has it all. Counts that are missing are 0.
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export function toChatUsage(usage: JsonObject): JsonObject {
  const count = (name: string) => asCount(usage[name]) ?? 0;
  const cached = count('cache_read_input_tokens');
  const prompt = count('input_tokens') + cached + count('cache_creation_input_tokens');
  const completion = count('output_tokens');
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
}
