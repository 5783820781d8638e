import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { messagesOverChat } from '../../src/translation/messages-over-chat.ts';
import type { StreamFrame } from '../../src/translation/translation.ts';

const request = { model: 'auto', max_tokens: 100, messages: [], stream: true };
const done = '[DONE]';

function chunk(members: JsonObject): string {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4.1' };
  return JSON.stringify({ ...head, ...members });
}

function delta(change: JsonObject, finishReason: string | null = null): string {
  const choice = { index: 0, delta: change, logprobs: null, finish_reason: finishReason };
  return chunk({ choices: [choice], usage: null });
}

function callDelta(index: number, input: string, opening: JsonObject = {}): JsonObject {
  const { id, name } = opening;
  const called = name === undefined ? { arguments: input } : { name, arguments: input };
  return { index, ...(id === undefined ? {} : { id, type: 'function' }), function: called };
}

function calls(...deltas: JsonObject[]): string {
  return delta({ tool_calls: deltas });
}

const usage = chunk({
  choices: [],
  usage: {
    prompt_tokens: 30,
    completion_tokens: 7,
    total_tokens: 37,
    prompt_tokens_details: { cached_tokens: 20 },
  },
});

/** The events, each checked to bear the same name inside and outside. */
function events(...chunks: string[]): JsonObject[] {
  const stream = messagesOverChat.openStream(request);
  return chunks.flatMap((data) => stream.push({ data })).map(toEvent);
}

function toEvent({ event, data }: StreamFrame): JsonObject {
  const parsed = JSON.parse(data) as JsonObject;
  expect(parsed['type']).toBe(event);
  return parsed;
}

const noUsage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
};

function start(members: JsonObject = {}): JsonObject {
  const message = {
    id: 'chatcmpl-1',
    type: 'message',
    role: 'assistant',
    model: 'gpt-4.1',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: noUsage,
    ...members,
  };
  return { type: 'message_start', message };
}

function end(stopReason: string, total: JsonObject = noUsage): JsonObject[] {
  return [
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: total,
    },
    { type: 'message_stop' },
  ];
}

function text(index: number, ...pieces: string[]): JsonObject[] {
  return [
    { type: 'content_block_start', index, content_block: { type: 'text', text: '' } },
    ...pieces.map((piece) => ({
      type: 'content_block_delta',
      index,
      delta: { type: 'text_delta', text: piece },
    })),
    { type: 'content_block_stop', index },
  ];
}

function toolUse(index: number, id: string, name: string, pieces: string[]): JsonObject[] {
  return [
    {
      type: 'content_block_start',
      index,
      content_block: { type: 'tool_use', id, name, input: {} },
    },
    ...pieces.map((piece) => ({
      type: 'content_block_delta',
      index,
      delta: { type: 'input_json_delta', partial_json: piece },
    })),
    { type: 'content_block_stop', index },
  ];
}

describe('a stream of chat chunks, as events of Messages', () => {
  it('tells text piece by piece, and the usage at the end', () => {
    expect(
      events(
        delta({ role: 'assistant', content: '', refusal: null }),
        delta({ reasoning_content: 'A greeting.' }),
        delta({ content: 'Hel' }),
        delta({ content: 'lo' }),
        delta({}, 'stop'),
        usage,
        done,
      ),
    ).toEqual([
      start(),
      ...text(0, 'Hel', 'lo'),
      ...end('end_turn', {
        input_tokens: 10,
        output_tokens: 7,
        cache_read_input_tokens: 20,
        cache_creation_input_tokens: 0,
      }),
    ]);
  });

  it('passes each piece on at once', () => {
    const stream = messagesOverChat.openStream(request);
    const counts = [
      delta({ role: 'assistant' }),
      delta({ content: 'Hel' }),
      delta({ content: 'lo' }),
      calls(callDelta(0, '', { id: 'call_a', name: 'now' })),
      calls(callDelta(0, '{}')),
      delta({}, 'tool_calls'),
      usage,
      done,
      done,
      delta({ content: 'late' }),
    ].map((data) => stream.push({ data }).length);
    expect(counts).toEqual([1, 2, 1, 2, 1, 0, 0, 3, 0, 0]);
  });

  it('tells two parallel calls one after the other, after the text', () => {
    expect(
      events(
        delta({ role: 'assistant', content: 'One moment.' }),
        calls(callDelta(0, '', { id: 'call_a', name: 'get_weather' })),
        calls(callDelta(0, '{"city":')),
        calls(callDelta(0, '"Rome"}')),
        calls(callDelta(1, '', { id: 'call_b', name: 'now' })),
        calls(callDelta(1, '{}')),
        delta({}, 'tool_calls'),
        done,
      ),
    ).toEqual([
      start(),
      ...text(0, 'One moment.'),
      ...toolUse(1, 'call_a', 'get_weather', ['{"city":', '"Rome"}']),
      ...toolUse(2, 'call_b', 'now', ['{}']),
      ...end('tool_use'),
    ]);
  });

  it('lets a second call wait while the first may go on, and text behind it', () => {
    expect(
      events(
        calls(callDelta(0, '{"a"', { id: 'call_a', name: 'f' })),
        calls(callDelta(1, '{"b"', { id: 'call_b', name: 'g' }), callDelta(0, ':1')),
        delta({ content: 'So ' }),
        calls(callDelta(1, ':2}'), callDelta(0, '}')),
        delta({ content: 'be it.' }),
        delta({}, 'stop'),
        done,
      ),
    ).toEqual([
      start(),
      ...toolUse(0, 'call_a', 'f', ['{"a"', ':1', '}']),
      ...toolUse(1, 'call_b', 'g', ['{"b":2}']),
      ...text(2, 'So be it.'),
      ...end('tool_use'),
    ]);
  });

  it('knows calls apart by their ids where all are numbered 0, or not at all', () => {
    const { index: _, ...unnumbered } = callDelta(0, '{"b":2}', { id: 'call_b', name: 'f' });
    expect(
      events(calls(callDelta(0, '{"a":1}', { id: 'call_a', name: 'f' }), unnumbered), done),
    ).toEqual([
      start(),
      ...toolUse(0, 'call_a', 'f', ['{"a":1}']),
      ...toolUse(1, 'call_b', 'f', ['{"b":2}']),
      ...end('tool_use'),
    ]);
  });

  it('makes an id where a server has none, and waits for a late name', () => {
    expect(
      events(
        calls(callDelta(3, '{', { name: 'f' })),
        calls(callDelta(3, '}'), callDelta(4, '{}')),
        calls(callDelta(4, ' ', { name: 'g' })),
        done,
      ),
    ).toEqual([
      start(),
      ...toolUse(0, expect.stringMatching(/^toolu_[0-9a-f]{32}$/), 'f', ['{', '}']),
      ...toolUse(1, expect.stringMatching(/^toolu_[0-9a-f]{32}$/), 'g', ['{} ']),
      ...end('tool_use'),
    ]);
  });

  it('tells a refusal as text', () => {
    expect(events(delta({ refusal: 'No.' }), delta({}, 'stop'), done)).toEqual([
      start(),
      ...text(0, 'No.'),
      ...end('refusal'),
    ]);
  });

  it.each([
    ['length', 'max_tokens'],
    ['content_filter', 'refusal'],
  ])('ends %s with %s', (finishReason, expected) => {
    expect(events(delta({ content: 'a' }, finishReason), done).slice(-2)).toEqual(end(expected));
  });

  it('is whole even when nothing was said', () => {
    const id = expect.stringMatching(/^msg_[0-9a-f]{32}$/);
    expect(events(done)).toEqual([start({ id, model: 'auto' }), ...end('end_turn')]);
    expect(events(done)[0]).not.toEqual(events(done)[0]);
  });

  it('is named by the first chunk that belongs to the answer', () => {
    const filterResults = chunk({ id: '', model: '', choices: [], prompt_filter_results: [] });
    expect(events(filterResults, delta({ role: 'assistant' }))).toEqual([start()]);
  });

  it.each([
    ['half a chunk', ['{"choices":['], 'a chunk is not a JSON object'],
    ['something else', ['{"hello":1}'], 'a chunk has neither choices nor usage'],
    ['a choice that is none', ['{"choices":[1]}'], 'a choice is not an object'],
    ['content that is none', [delta({ content: 1 })], '`content` of the reply is not a text'],
    ['a call that is none', [delta({ tool_calls: ['f'] })], 'a tool call is not an object'],
    ['a call without a name', [calls(callDelta(0, '{}')), done], 'a tool call has no function'],
    [
      'a call that goes on after its end',
      [
        calls(callDelta(0, '{}', { id: 'call_a', name: 'f' })),
        calls(callDelta(1, '{}', { id: 'call_b', name: 'g' })),
        calls(callDelta(0, '{"a":1}')),
      ],
      'a tool call goes on after its end',
    ],
  ])('throws for %s', (_, chunks, message) => {
    expect(() => events(...chunks)).toThrow(message);
  });

  it('keeps each input in one piece, however the deltas of several calls are cut and mixed', () => {
    const inputs = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(inputs, fc.infiniteStream(fc.nat()), fc.boolean(), (values, choices, hasText) => {
        const next = (below: number) => (choices.next().value ?? 0) % below;
        const texts = values.map((value) => JSON.stringify(value));
        const rest = [...texts];
        const begun = new Set<number>();
        const chunks = hasText ? [delta({ content: 'Well.' })] : [];
        while (begun.size < texts.length || rest.some((left) => left !== '')) {
          const waiting = rest.flatMap((left, index) =>
            left !== '' && index <= begun.size ? [index] : [],
          );
          const index = waiting[next(waiting.length)] ?? 0;
          const cut = next(8);
          const opening = begun.has(index) ? {} : { id: `call_${index}`, name: `f${index}` };
          chunks.push(calls(callDelta(index, rest[index]?.slice(0, cut) ?? '', opening)));
          rest[index] = rest[index]?.slice(cut) ?? '';
          begun.add(index);
        }
        const all = events(...chunks, delta({}, 'tool_calls'), usage, done);

        const blocks = all.slice(1, -2);
        const read: { id: unknown; input: string }[] = [];
        let position = 0;
        let isOpen = false;
        for (const event of blocks) {
          expect(event['index']).toBe(position);
          expect(event['type'] === 'content_block_start').toBe(!isOpen);
          if (event['type'] === 'content_block_start') {
            read.push({ id: (event['content_block'] as JsonObject)['id'], input: '' });
            isOpen = true;
          } else if (event['type'] === 'content_block_stop') {
            position += 1;
            isOpen = false;
          } else {
            const last = read.at(-1);
            const piece = (event['delta'] as JsonObject)['partial_json'];
            if (last !== undefined && typeof piece === 'string') last.input += piece;
          }
        }
        expect(isOpen).toBe(false);
        expect(read.slice(hasText ? 1 : 0)).toEqual(
          texts.map((input, index) => ({ id: `call_${index}`, input })),
        );
      }),
    );
  });
});
