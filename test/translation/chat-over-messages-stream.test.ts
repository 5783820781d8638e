import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { createChatOverMessages } from '../../src/translation/chat-over-messages.ts';

const withUsage = { stream: true, stream_options: { include_usage: true } };

/** The data of each event, parsed but for `[DONE]`. */
function stream(events: readonly JsonObject[], request: JsonObject = { stream: true }): unknown[] {
  let now = 1_700_000_000_900;
  // Time goes on while the stream does, and no chunk may show it.
  const tick = () => {
    now += 5000;
    return now - 5000;
  };
  const translation = createChatOverMessages({ now: tick });
  const translator = translation.openStream(request);
  return events
    .flatMap((event) =>
      translator.push({ event: String(event['type']), data: JSON.stringify(event) }),
    )
    .map(({ data, event }) => {
      expect(event).toBeUndefined();
      return data === '[DONE]' ? data : JSON.parse(data);
    });
}

const head = {
  id: 'msg_1',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'claude-x',
};

function chunk(delta: JsonObject, finishReason: string | null = null): JsonObject {
  return { ...head, choices: [{ index: 0, delta, finish_reason: finishReason }] };
}

function start(usage: JsonObject = { input_tokens: 25, output_tokens: 1 }): JsonObject {
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x', usage };
  return { type: 'message_start', message: { ...message, content: [], stop_reason: null } };
}

function startBlock(index: number, block: JsonObject): JsonObject {
  return { type: 'content_block_start', index, content_block: block };
}

function startTool(index: number, id: string, input: JsonObject = {}): JsonObject {
  return startBlock(index, { type: 'tool_use', id, name: `tool_${id}`, input });
}

function delta(index: number, type: string, fields: JsonObject): JsonObject {
  return { type: 'content_block_delta', index, delta: { type, ...fields } };
}

function json(index: number, fragment: string): JsonObject {
  return delta(index, 'input_json_delta', { partial_json: fragment });
}

function stopBlock(index: number): JsonObject {
  return { type: 'content_block_stop', index };
}

function finish(stopReason: string | null, usage: JsonObject = { output_tokens: 15 }): JsonObject {
  const change = { stop_reason: stopReason, stop_sequence: null };
  return { type: 'message_delta', delta: change, usage };
}

const stop = { type: 'message_stop' };
const first = chunk({ role: 'assistant', content: '' });

function callStart(index: number, id: string): JsonObject {
  const call = { index, id, type: 'function', function: { name: `tool_${id}`, arguments: '' } };
  return chunk({ tool_calls: [call] });
}

function callPart(index: number, fragment: string): JsonObject {
  return chunk({ tool_calls: [{ index, function: { arguments: fragment } }] });
}

describe("a Messages provider's stream to a chat client", () => {
  it('carries thinking, text and parallel tool calls', () => {
    const events = [
      start(),
      startBlock(0, { type: 'thinking', thinking: '', signature: '' }),
      { type: 'ping' },
      delta(0, 'thinking_delta', { thinking: 'Two ' }),
      delta(0, 'thinking_delta', { thinking: 'calls.' }),
      delta(0, 'signature_delta', { signature: 'EqQB' }),
      stopBlock(0),
      startBlock(1, { type: 'text', text: '' }),
      delta(1, 'text_delta', { text: 'I ' }),
      delta(1, 'text_delta', { text: 'look.' }),
      stopBlock(1),
      startTool(2, 'a'),
      json(2, ''),
      json(2, '{"city"'),
      json(2, ': "Bern"}'),
      stopBlock(2),
      startTool(3, 'b'),
      json(3, ''),
      stopBlock(3),
      finish('tool_use'),
      stop,
    ];
    expect(stream(events)).toStrictEqual([
      first,
      chunk({ reasoning_content: 'Two ' }),
      chunk({ reasoning_content: 'calls.' }),
      chunk({ content: 'I ' }),
      chunk({ content: 'look.' }),
      callStart(0, 'a'),
      callPart(0, '{"city"'),
      callPart(0, ': "Bern"}'),
      callStart(1, 'b'),
      callPart(1, '{}'),
      chunk({}, 'tool_calls'),
      '[DONE]',
    ]);
  });

  it('ends with the usage when the client asks for it', () => {
    const usage = { input_tokens: 25, cache_read_input_tokens: 100, output_tokens: 1 };
    const events = [
      start({ ...usage, service_tier: 'standard' }),
      finish('max_tokens', { output_tokens: 15, input_tokens: 30, cache_read_input_tokens: null }),
      stop,
    ];
    expect(stream(events, withUsage)).toStrictEqual([
      { ...first, usage: null },
      { ...chunk({}, 'length'), usage: null },
      {
        ...head,
        choices: [],
        usage: {
          prompt_tokens: 130,
          completion_tokens: 15,
          total_tokens: 145,
          prompt_tokens_details: { cached_tokens: 100 },
        },
      },
      '[DONE]',
    ]);
  });

  it('ends once', () => {
    const events = [start(), finish('end_turn'), finish('end_turn'), stop, stop, finish('refusal')];
    expect(stream(events)).toStrictEqual([first, chunk({}, 'stop'), '[DONE]']);
  });

  it('has a finish even if nobody gave a reason', () => {
    expect(stream([start(), finish(null), stop])).toStrictEqual([
      first,
      chunk({}, 'stop'),
      '[DONE]',
    ]);
  });

  it('leaves out what chat has no place for', () => {
    const events = [
      start(),
      startBlock(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      json(0, '{"query":"x"}'),
      stopBlock(0),
      startBlock(1, { type: 'redacted_thinking', data: 'x' }),
      stopBlock(1),
      delta(2, 'citations_delta', { citation: {} }),
      { type: 'made_up' },
      {},
    ];
    expect(stream(events)).toStrictEqual([first]);
  });

  it('takes text and input that came with the start of their block', () => {
    const events = [
      start(),
      startBlock(0, { type: 'text', text: 'Hi' }),
      startTool(1, 'a', { city: 'Bern' }),
      stopBlock(1),
      startTool(2, 'b', { city: 'Bern' }),
      json(2, '{"city":"Basel"}'),
      stopBlock(2),
    ];
    expect(stream(events)).toStrictEqual([
      first,
      chunk({ content: 'Hi' }),
      callStart(0, 'a'),
      callPart(0, '{"city":"Bern"}'),
      callStart(1, 'b'),
      callPart(1, '{"city":"Basel"}'),
    ]);
  });

  it.each<[string, JsonObject[]]>([
    ['does not begin with message_start', [delta(0, 'text_delta', { text: 'Hello' })]],
    ['ends before it begins', [stop]],
    ['begins twice', [start(), start()]],
    ['begins without a message', [{ type: 'message_start' }]],
    ['begins without an id', [{ type: 'message_start', message: { model: 'claude-x' } }]],
    ['has text that is none', [start(), delta(0, 'text_delta', { text: 1 })]],
    ['has a tool without id', [start(), startBlock(0, { type: 'tool_use', name: 'a' })]],
  ])('is an error when it %s', (_, events) => {
    expect(() => stream(events)).toThrow(Error);
  });

  it.each(['', '[DONE]', '{"type":', '[]'])('is an error with the data %j', (data) => {
    const translator = createChatOverMessages({ now: () => 0 }).openStream({});
    expect(() => translator.push({ data })).toThrow(Error);
  });

  it('keeps the arguments of interleaved tools however they are cut', () => {
    const tool = fc.tuple(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.array(fc.nat({ max: 200 }), { maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(tool, { minLength: 1, maxLength: 4 }), (tools) => {
        const fragments = tools.map(([input, cuts]) => cut(JSON.stringify(input), cuts));
        const rounds = Math.max(...fragments.map(({ length }) => length));
        const parts = Array.from({ length: rounds }, (_, round) =>
          fragments.flatMap((each, index) => {
            const fragment = each[round];
            return fragment === undefined ? [] : [json(index + 1, fragment)];
          }),
        );
        const chunks = stream([
          start(),
          ...tools.map((_, index) => startTool(index + 1, `t${index}`)),
          ...parts.flat(),
          ...tools.map((_, index) => stopBlock(index + 1)),
        ]);
        const expected = tools.map(([input]) => JSON.stringify(input));
        expect(joinArguments(chunks, tools.length)).toEqual(expected);
      }),
    );
  });
});

function cut(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.map((each) => each % (text.length + 1)), text.length];
  places.sort((a, b) => a - b);
  return places.slice(1).map((end, index) => text.slice(places[index], end));
}

interface CallChunk {
  readonly choices: readonly {
    readonly delta: {
      readonly tool_calls?: readonly {
        readonly index: number;
        readonly function: { readonly arguments: string };
      }[];
    };
  }[];
}

function joinArguments(chunks: readonly unknown[], count: number): string[] {
  const joined = Array.from({ length: count }, () => '');
  for (const { choices } of chunks as CallChunk[]) {
    for (const call of choices.flatMap((each) => each.delta.tool_calls ?? [])) {
      joined[call.index] += call.function.arguments;
    }
  }
  return joined;
}
