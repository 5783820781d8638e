const finishReasons = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  // Only tools that the provider runs pause a turn; a chat client can't resume it.
  ['pause_turn', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
]);

/**
 * Anthropic's `stop_reason` as a chat `finish_reason`; `stop` for what is missing or not yet known.
 * https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons
 */
export function toChatFinishReason(stopReason: unknown): string {
  return (typeof stopReason === 'string' ? finishReasons.get(stopReason) : undefined) ?? 'stop';
}
