// What providers answer when the model calls tools, in the shapes of their documentation.
import { chunk, completion } from './scripted-upstream.ts';
import { message, toEvent } from './two-protocols.ts';

export interface ScriptedCall {
  readonly id: string;
  readonly name: string;
  readonly input: object;
}

/** https://platform.openai.com/docs/api-reference/chat/object */
export function completionWithCalls(...calls: ScriptedCall[]): object {
  const tool_calls = calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
  const message = { role: 'assistant', content: null, tool_calls, refusal: null };
  return {
    ...completion(''),
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'tool_calls' }],
  };
}

/** https://platform.openai.com/docs/guides/function-calling#streaming; arguments come in halves. */
export function callFrames(...calls: ScriptedCall[]): string[] {
  return [
    chunk({ role: 'assistant', content: null }),
    ...calls.flatMap(({ id, name, input }, index) => [
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
      ...inHalves(JSON.stringify(input)).map((half) =>
        chunk({ tool_calls: [{ index, function: { arguments: half } }] }),
      ),
    ]),
    chunk({}, 'tool_calls'),
  ];
}

/** The last chunk before `[DONE]` for `stream_options.include_usage`. */
export function usageFrame(): string {
  const {
    object: _object,
    choices: _choices,
    ...head
  } = completion('') as { [key: string]: unknown };
  const data = { ...head, object: 'chat.completion.chunk', choices: [] };
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use */
export function messageWithCalls(text: string, ...calls: ScriptedCall[]): object {
  const uses = calls.map((call) => ({ type: 'tool_use', ...call }));
  return message('', { content: [{ type: 'text', text }, ...uses], stop_reason: 'tool_use' });
}

/** https://platform.claude.com/docs/en/build-with-claude/streaming; inputs come in halves. */
export function callEvents(...calls: ScriptedCall[]): string[] {
  const start = message('', { content: [], stop_reason: null });
  return [
    { type: 'message_start', message: start },
    ...calls.flatMap(({ id, name, input }, index) => [
      {
        type: 'content_block_start',
        index,
        content_block: { type: 'tool_use', id, name, input: {} },
      },
      ...['', ...inHalves(JSON.stringify(input))].map((half) => ({
        type: 'content_block_delta',
        index,
        delta: { type: 'input_json_delta', partial_json: half },
      })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: 9 },
    },
    { type: 'message_stop' },
  ].map(toEvent);
}

function inHalves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}
