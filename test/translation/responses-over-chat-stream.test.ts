import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { type JsonObject, parseJsonObject } from '../../src/json.ts';
import { createResponsesOverChat } from '../../src/translation/responses-over-chat.ts';
import type { StreamFrame } from '../../src/translation/translation.ts';
import { begun, callItem, messageItem, part } from './response-fixture.ts';

const translation = createResponsesOverChat({ now: () => 1_700_000_000_000 });
const request = { model: 'auto', input: 'Hello', stream: true };

const chunk = (delta: JsonObject, finishReason: string | null = null): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'small-1',
  choices: [{ index: 0, delta, finish_reason: finishReason }],
  usage: null,
});

const usageChunk = {
  ...chunk({}),
  choices: [],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
};

const callPart = (index: number, called: JsonObject, id?: string) =>
  chunk({ tool_calls: [{ index, ...(id && { id, type: 'function' }), function: called }] });

function stream(chunks: readonly JsonObject[]): StreamFrame[] {
  const translator = translation.openStream(request);
  const frames = chunks.map((value) => ({ data: JSON.stringify(value) }));
  return [...frames, { data: '[DONE]' }].flatMap((frame) => translator.push(frame));
}

function toEvents(frames: readonly StreamFrame[]): JsonObject[] {
  return frames.map((frame) => parseJsonObject(frame.data) ?? {});
}

function typesOf(frames: readonly StreamFrame[]): unknown[] {
  return toEvents(frames).map((event) => event['type']);
}

function donesOf(frames: readonly StreamFrame[]): JsonObject[] {
  return toEvents(frames).filter((event) => String(event['type']).endsWith('.done'));
}

const textAndTwoTools = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ reasoning_content: 'hm' }),
  chunk({ reasoning: 'hm' }),
  chunk({ content: 'Let me ' }),
  chunk({ content: 'look.' }),
  callPart(0, { name: 'f', arguments: '' }, 'call_f'),
  callPart(1, { name: 'g', arguments: '{' }, 'call_g'),
  callPart(0, { arguments: '{"a":1}' }),
  callPart(1, { arguments: '}' }),
  chunk({}, 'tool_calls'),
  usageChunk,
];

describe('the chunks of a chat completion, as the events of a response', () => {
  it('tells text and two interleaved calls from created to completed, with every event numbered', () => {
    const output = [
      messageItem('completed', [part('Let me look.')]),
      callItem(0, 'completed', 'f', '{"a":1}'),
      callItem(1, 'completed', 'g', '{}'),
    ];
    const inText = { item_id: 'msg_unkept_chatcmpl-1', output_index: 0, content_index: 0 };
    const inF = { item_id: 'fc_unkept_chatcmpl-1_0', output_index: 1 };
    const inG = { item_id: 'fc_unkept_chatcmpl-1_1', output_index: 2 };
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 15,
    };
    const expected: JsonObject[] = [
      { type: 'response.created', response: begun },
      { type: 'response.in_progress', response: begun },
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: messageItem('in_progress', []),
      },
      { type: 'response.content_part.added', ...inText, part: part('') },
      { type: 'response.output_text.delta', ...inText, delta: 'Let me ', logprobs: [] },
      { type: 'response.output_text.delta', ...inText, delta: 'look.', logprobs: [] },
      {
        type: 'response.output_item.added',
        output_index: 1,
        item: callItem(0, 'in_progress', 'f', ''),
      },
      {
        type: 'response.output_item.added',
        output_index: 2,
        item: callItem(1, 'in_progress', 'g', ''),
      },
      { type: 'response.function_call_arguments.delta', ...inG, delta: '{' },
      { type: 'response.function_call_arguments.delta', ...inF, delta: '{"a":1}' },
      { type: 'response.function_call_arguments.delta', ...inG, delta: '}' },
      { type: 'response.output_text.done', ...inText, text: 'Let me look.', logprobs: [] },
      { type: 'response.content_part.done', ...inText, part: part('Let me look.') },
      { type: 'response.output_item.done', output_index: 0, item: output[0] },
      {
        type: 'response.function_call_arguments.done',
        ...inF,
        name: 'f',
        arguments: '{"a":1}',
      },
      { type: 'response.output_item.done', output_index: 1, item: output[1] },
      { type: 'response.function_call_arguments.done', ...inG, name: 'g', arguments: '{}' },
      { type: 'response.output_item.done', output_index: 2, item: output[2] },
      { type: 'response.completed', response: { ...begun, status: 'completed', output, usage } },
    ];
    const frames = stream(textAndTwoTools);
    expect(toEvents(frames)).toEqual(
      expected.map((event, index) => ({ ...event, sequence_number: index })),
    );
    expect(frames.map(({ event }) => event)).toEqual(typesOf(frames));
  });

  it('gives the official SDK the response that the last event holds', async () => {
    const frames = stream(textAndTwoTools);
    const sse = frames.map(({ event, data }) => `event: ${event}\ndata: ${data}\n\n`).join('');
    const headers = { 'content-type': 'text/event-stream' };
    const client = new OpenAI({
      apiKey: 'none',
      maxRetries: 0,
      fetch: async () => new Response(sse, { headers }),
    });
    const read = client.responses.stream({ model: 'auto', input: 'Hello' });
    const texts: string[] = [];
    read.on('response.output_text.delta', ({ delta }) => texts.push(delta));
    const response = await read.finalResponse();
    expect(texts).toEqual(['Let me ', 'look.']);
    expect(response.output_text).toBe('Let me look.');
    expect(response).toMatchObject({ status: 'completed', usage: { total_tokens: 15 } });
    expect(response.output).toMatchObject([
      { type: 'message', content: [{ text: 'Let me look.' }] },
      { type: 'function_call', call_id: 'call_f', arguments: '{"a":1}' },
      { type: 'function_call', call_id: 'call_g', arguments: '{}' },
    ]);
  });

  it('ends as the whole reply would be', () => {
    const calls = [
      { id: 'call_f', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
      { id: 'call_g', type: 'function', function: { name: 'g', arguments: '{}' } },
    ];
    const message = { role: 'assistant', content: 'Let me look.', tool_calls: calls };
    const choices = [{ index: 0, message, finish_reason: 'tool_calls' }];
    const reply = translation.reply({ ...usageChunk, choices }, request);
    expect(toEvents(stream(textAndTwoTools)).at(-1)?.['response']).toEqual(reply);
  });

  it('says at once what it knows, and nothing after the end', () => {
    const translator = translation.openStream(request);
    const push = (data: string) => typesOf(translator.push({ data }));
    const first = ['response.created', 'response.in_progress'];
    expect(push(JSON.stringify(chunk({ role: 'assistant' })))).toEqual(first);
    expect(push(JSON.stringify(chunk({ content: 'a' })))).toEqual([
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
    ]);
    expect(push(JSON.stringify(chunk({}, 'stop')))).toEqual([]);
    expect(push(' [DONE]').at(-1)).toBe('response.completed');
    expect(push('[DONE]')).toEqual([]);
    expect(push(JSON.stringify(chunk({ content: 'b' })))).toEqual([]);
  });

  it('is whole even when `[DONE]` is all there is', () => {
    const events = toEvents(stream([]));
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.completed',
    ]);
    expect(events[2]).toMatchObject({
      sequence_number: 2,
      response: { status: 'completed', model: 'auto', output: [], usage: null },
    });
  });

  it('ends incomplete when the model was cut off, and so does its last item', () => {
    const cut = callPart(0, { name: 'f', arguments: '{"a' }, 'call_f');
    const events = toEvents(stream([chunk({ content: 'a' }), cut, chunk({}, 'length')]));
    const output = [messageItem('completed', [part('a')]), callItem(0, 'incomplete', 'f', '{"a')];
    expect(events.at(-2)).toMatchObject({ type: 'response.output_item.done', item: output[1] });
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output,
      },
    });
  });

  it('tells a refusal', () => {
    const place = { item_id: 'msg_unkept_chatcmpl-1', output_index: 0, content_index: 0 };
    const refusal = { type: 'refusal', refusal: 'No.' };
    const frames = stream([chunk({ refusal: 'N' }), chunk({ refusal: 'o.' })]);
    expect(toEvents(frames).slice(3, -1)).toEqual([
      {
        type: 'response.content_part.added',
        sequence_number: 3,
        ...place,
        part: { type: 'refusal', refusal: '' },
      },
      { type: 'response.refusal.delta', sequence_number: 4, ...place, delta: 'N' },
      { type: 'response.refusal.delta', sequence_number: 5, ...place, delta: 'o.' },
      { type: 'response.refusal.done', sequence_number: 6, ...place, refusal: 'No.' },
      { type: 'response.content_part.done', sequence_number: 7, ...place, part: refusal },
      {
        type: 'response.output_item.done',
        sequence_number: 8,
        output_index: 0,
        item: messageItem('completed', [refusal]),
      },
    ]);
  });

  it('keeps apart calls that a server all counts as the first', () => {
    const whole = (id: string) => callPart(0, { name: id, arguments: `{"${id}":1}` }, `call_${id}`);
    const frames = stream([whole('f'), whole('g'), callPart(0, { arguments: ' ' }, 'call_g')]);
    expect(toEvents(frames).at(-1)?.['response']).toMatchObject({
      output: [callItem(0, 'completed', 'f', '{"f":1}'), callItem(1, 'completed', 'g', '{"g":1} ')],
    });
  });

  it('takes the last count of a server that counts in every chunk', () => {
    const count = (tokens: number) => ({
      ...chunk({ content: 'a' }),
      usage: { prompt_tokens: 1, completion_tokens: tokens },
    });
    const last = toEvents(stream([count(1), count(2)])).at(-1);
    expect(last?.['response']).toMatchObject({ usage: { output_tokens: 2, total_tokens: 3 } });
  });

  it.each([
    ['a chunk of the stream is not a JSON object', 'oops'],
    ['a tool call of the stream begins without a name', JSON.stringify(callPart(0, {}, 'call_f'))],
    ['a part of a tool call is not an object', JSON.stringify(chunk({ tool_calls: ['f'] }))],
    ['`content` of the reply is not a text', JSON.stringify(chunk({ content: 1 }))],
  ])('throws: %s', (message, data) => {
    expect(() => translation.openStream(request).push({ data })).toThrow(message);
  });

  it('carries the whole in its done events, however the deltas are cut and mixed', () => {
    const piece = fc.record({
      to: fc.constantFrom('text', 'refusal', 0, 1, 2),
      written: fc.string({ unit: 'grapheme' }),
    });
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const opened = new Set<unknown>();
        const chunks = pieces.map(({ to, written }) => {
          if (to === 'text') return chunk({ content: written });
          if (to === 'refusal') return chunk({ refusal: written });
          const isFirst = !opened.has(to);
          opened.add(to);
          const called = { ...(isFirst && { name: `f${to}` }), arguments: written };
          return callPart(Number(to), called, isFirst ? `call_f${to}` : undefined);
        });
        const whole = (to: unknown) =>
          pieces.map((one) => (one.to === to ? one.written : '')).join('');

        const events = toEvents(stream(chunks));
        expect(events.map((event) => event['sequence_number'])).toEqual([...events.keys()]);
        const dones = donesOf(stream(chunks));
        const written = (type: string, field: string) =>
          dones.filter((event) => event['type'] === type).map((event) => event[field]);
        const texts = written('response.output_text.done', 'text');
        expect(texts).toEqual(whole('text') === '' ? [] : [whole('text')]);
        const refusals = written('response.refusal.done', 'refusal');
        expect(refusals).toEqual(whole('refusal') === '' ? [] : [whole('refusal')]);
        const calls = dones.filter(({ type }) => type === 'response.function_call_arguments.done');
        expect(new Map(calls.map((event) => [event['name'], event['arguments']]))).toEqual(
          new Map([...opened].map((to) => [`f${to}`, whole(to)])),
        );
        const items = written('response.output_item.done', 'item');
        expect(events.at(-1)?.['response']).toMatchObject({ output: items });
      }),
    );
  });
});
