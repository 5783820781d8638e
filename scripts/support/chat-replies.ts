// What a provider of chat completions answers in the benches.
const pieces = 24;
const usage = { prompt_tokens: 20, completion_tokens: pieces, total_tokens: 20 + pieces };
const head = { id: 'chatcmpl-bench', created: 1_700_000_000, model: 'mock' };

function chunk(fields: object): string {
  return `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...fields })}\n\n`;
}

const content = (text: string) => chunk({ choices: [{ index: 0, delta: { content: text } }] });
/** Frame by frame. */
export const stream = [
  ...Array.from({ length: pieces }, () => content(' a few words')),
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  chunk({ choices: [], usage }),
  'data: [DONE]\n\n',
];
const message = { role: 'assistant', content: ' a few words'.repeat(pieces) };
export const plain = JSON.stringify({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message, finish_reason: 'stop' }],
  usage,
});
