// What the Responses API’s clients get of the chat `chatcmpl-1` by the model small-1, begun at 1,700,000,000 s.

/** The response to a request of nothing but its input, when it begins. */
export const begun = {
  id: 'resp_unkept_chatcmpl-1',
  object: 'response',
  created_at: 1_700_000_000,
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  model: 'small-1',
  output: [],
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  store: false,
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: null,
  truncation: 'disabled',
  usage: null,
  user: null,
};

export const part = (text: string) => ({
  type: 'output_text',
  text,
  annotations: [],
  logprobs: [],
});

export const messageItem = (status: string, content: unknown[]) => ({
  id: 'msg_unkept_chatcmpl-1',
  type: 'message',
  status,
  role: 'assistant',
  content,
});

export const callItem = (position: number, status: string, name: string, written: string) => ({
  id: `fc_unkept_chatcmpl-1_${position}`,
  type: 'function_call',
  status,
  call_id: `call_${name}`,
  name,
  arguments: written,
});
