// OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses
import { toEvent } from './two-protocols.ts';

const head = {
  id: 'resp_scripted',
  object: 'response',
  created_at: 1_700_000_000,
  model: 'gpt-scripted',
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  parallel_tool_calls: true,
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
};

/** A whole response that says this. */
export function response(text: string, fields: object = {}): object {
  const usage = {
    input_tokens: 5,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 12,
  };
  return { ...head, status: 'completed', output: [messageItem(text)], usage, ...fields };
}

/** The item of a response that calls a function. */
export function functionCallItem(call: { id: string; name: string; input: object }): object {
  return {
    id: `fc_${call.id}`,
    type: 'function_call',
    status: 'completed',
    call_id: call.id,
    name: call.name,
    arguments: JSON.stringify(call.input),
  };
}

/** The events of a streamed response that says these pieces. */
export function responseEvents(...pieces: string[]): string[] {
  const begun = { ...head, status: 'in_progress', output: [], usage: null };
  const text = pieces.join('');
  const place = { item_id: 'msg_scripted', output_index: 0, content_index: 0 };
  const item = { ...messageItem(''), status: 'in_progress', content: [] };
  return [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.content_part.added', ...place, part: textPart('') },
    ...pieces.map((delta) => ({
      type: 'response.output_text.delta',
      ...place,
      delta,
      logprobs: [],
    })),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part: textPart(text) },
    { type: 'response.output_item.done', output_index: 0, item: messageItem(text) },
    { type: 'response.completed', response: response(text) },
  ].map((event, index) => toEvent({ ...event, ...{ sequence_number: index } }));
}

function messageItem(text: string): object {
  const content = [textPart(text)];
  return { id: 'msg_scripted', type: 'message', status: 'completed', role: 'assistant', content };
}

function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}
