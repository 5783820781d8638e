import { shipped, withoutMemory } from './two-upstreams.ts';

/**
 * Two providers: `open` speaks OpenAI's protocols and serves gpt, small, embed and instruct; `claude` speaks Anthropic's and
 * serves claude. Coding prefers claude, chat gpt; each falls back to the other.
 */
export function twoProtocols(urls: { open: string; claude: string }): object {
  return {
    examples: shipped,
    embedding: { workers: 1 },
    routing: { defaultClass: 'chat' },
    ...withoutMemory,
    providers: {
      open: {
        baseUrl: urls.open,
        apiKey: 'open-secret',
        speaks: ['chat', 'responses'],
        maxTokensField: 'max_completion_tokens',
      },
      claude: {
        baseUrl: urls.claude,
        apiKey: 'claude-secret',
        keyHeader: 'x-api-key',
        speaks: ['messages'],
      },
    },
    models: {
      gpt: { provider: 'open', prices: { input: 2, output: 8 }, tier: 1 },
      small: {
        provider: 'open',
        prices: { input: 0.1, output: 0.4 },
        contextWindow: 1_000,
        capabilities: { tools: false, vision: false, jsonSchema: false, reasoning: false },
      },
      embed: { provider: 'open', speaks: ['embeddings'] },
      instruct: { provider: 'open', speaks: ['completions'] },
      claude: { provider: 'claude', prices: { input: 5, output: 25 }, tier: 2 },
    },
    classes: {
      coding: { models: ['claude', 'gpt', 'small'] },
      ...Object.fromEntries(
        [
          'advice',
          'brainstorming',
          'business-writing',
          'chat',
          'creative-writing',
          'data-analysis',
          'extraction',
          'knowledge',
          'math',
          'reasoning',
          'rewriting',
          'summarization',
          'translation',
        ].map((name) => [name, { models: ['gpt', 'claude'] }]),
      ),
    },
  };
}

/** A reply of Anthropic's Messages. */
export function message(text: string, fields: object = {}): object {
  return {
    id: 'msg_scripted',
    type: 'message',
    role: 'assistant',
    model: 'claude-scripted',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 7 },
    ...fields,
  };
}

/** The events of a streamed message that says these pieces. */
export function messageEvents(...pieces: string[]): string[] {
  const { usage: _usage, ...head } = message('', { content: [], stop_reason: null }) as {
    usage: object;
  };
  return [
    { type: 'message_start', message: { ...head, usage: { input_tokens: 5, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...pieces.map((text) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text },
    })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 7 },
    },
    { type: 'message_stop' },
  ].map(toEvent);
}

export function toEvent(data: { readonly type: string }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}
