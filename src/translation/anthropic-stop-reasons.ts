interface Finish {
  /** OpenAI's `finish_reason`. */
  readonly reason: unknown;
  readonly hasCalls: boolean;
  readonly hasRefusal: boolean;
}

const stopReasons = new Map<unknown, string>([
  ['stop', 'end_turn'],
  ['length', 'max_tokens'],
  ['tool_calls', 'tool_use'],
  ['function_call', 'tool_use'],
  ['content_filter', 'refusal'],
]);

/**
 * Anthropic's `stop_reason` (https://platform.claude.com/docs/en/api/handling-stop-reasons). Calls
 * count even where a server says it just stopped: the client runs them only on `tool_use`. A model
 * that declines in words of its own is a refusal too, which clients of a JSON format look for.
 */
export function toStopReason({ reason, hasCalls, hasRefusal }: Finish): string {
  const stopReason = stopReasons.get(reason) ?? 'end_turn';
  if (stopReason !== 'end_turn') return stopReason;
  if (hasCalls) return 'tool_use';
  return hasRefusal ? 'refusal' : 'end_turn';
}
