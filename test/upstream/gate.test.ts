import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../src/protocol.ts';
import { openGate } from '../../src/upstream/gate.ts';
import { readFrames } from '../../src/upstream/sse.ts';
import { chunk } from '../support/scripted-upstream.ts';

const role = chunk({ role: 'assistant', content: '' });
const done = 'data: [DONE]\n\n';

async function open(
  frames: readonly string[],
  protocol: Protocol = 'chat',
  { hidesUsage = false } = {},
) {
  async function* body() {
    for (const frame of frames) yield Buffer.from(frame);
  }
  const gate = await openGate(readFrames(body()), { protocol, hidesUsage });
  return gate.kind === 'open' ? { ...gate, held: gate.held.map(({ raw }) => String(raw)) } : gate;
}

describe('openGate', () => {
  it.each([
    { content: 'Hi' },
    { content: [{ type: 'text', text: 'Hi' }] },
    { tool_calls: [{ index: 0, id: 'call_1', function: { name: 'f', arguments: '' } }] },
    { function_call: { name: 'f' } },
    { refusal: 'No.' },
    { reasoning: 'Hm' },
    { reasoning_content: 'Hm' },
    { thinking: 'Hm' },
    { audio: { id: 'audio_1' } },
  ])('opens at %j and hands out all that it held', async (delta) => {
    const held = [': ping\n\n', role, chunk({}), chunk({ content: null }), chunk(delta)];
    expect(await open([...held, chunk({ content: 'more' })])).toEqual({
      kind: 'open',
      held,
      isComplete: false,
      usage: undefined,
    });
  });

  it('opens at the content of any choice', async () => {
    const second =
      'data: {"choices":[{"index":0,"delta":{}},{"index":1,"delta":{"content":"x"}}]}\n\n';
    expect(await open([second])).toMatchObject({ kind: 'open' });
  });

  it('lets an empty completion through once it is complete', async () => {
    const frames = [role, chunk({}, 'stop'), 'data: {"choices":[],"usage":{}}\n\n', done];
    expect(await open(frames)).toMatchObject({ kind: 'open', held: frames, isComplete: true });
  });

  it.each([
    ['no frame at all', []],
    ['only a role', [role]],
    ['only pings', [': ping\n\n', ': ping\n\n']],
    ['[DONE] without a finish', [role, done]],
    ['a finish without [DONE]', [role, chunk({}, 'stop')]],
    ['a chunk that is not JSON', [role, 'data: {"choices":[{"delta":{"content":"x"\n\n']],
    ['a chunk that is not an object', ['data: 1\n\n']],
    ['an error object', [role, 'data: {"error":{"message":"Overloaded"}}\n\n']],
    ['an error event', [role, 'event: error\ndata: {"message":"Overloaded"}\n\n']],
    ['an error event that is not JSON', ['event: error\ndata: Overloaded\n\n']],
    ['an error event without data', ['event: error\n\n']],
  ])('fails on a stream with %s', async (_what, frames) => {
    expect(await open(frames)).toMatchObject({
      kind: 'failed',
      failure: { cause: 'broken-reply', consequence: 'next' },
    });
  });

  it('keeps the usage from a client that did not ask for it', async () => {
    const usage = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":0}}\n\n';
    const finish = chunk({}, 'stop');
    const frames = [role, finish, usage, done];
    expect(await open(frames)).toMatchObject({ held: frames });
    const hidden = await open(frames, 'chat', { hidesUsage: true });
    expect(hidden).toMatchObject({ held: [role, finish, done], usage: { inputTokens: 1 } });
  });

  it('does not hold without end', async () => {
    const padding = `: ${'x'.repeat(4 << 20)}\n\n`;
    expect(await open([padding, padding, padding, padding, role])).toMatchObject({
      failure: { message: 'the stream goes on without any content' },
    });
  });
});

describe('openGate for other protocols', () => {
  const event = (data: { type: string; [field: string]: unknown }) =>
    `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  const started = event({ type: 'message_start', message: { content: [] } });
  const created = event({ type: 'response.created', response: { error: null } });
  const textDelta = { type: 'text_delta', text: 'Hi' };

  it.each([
    [
      'messages' as const,
      [started, event({ type: 'content_block_start', content_block: { type: 'text', text: '' } })],
      event({ type: 'content_block_delta', delta: textDelta }),
    ],
    [
      'messages' as const,
      [started, event({ type: 'ping' })],
      event({ type: 'content_block_start', content_block: { type: 'tool_use', name: 'f' } }),
    ],
    [
      'messages' as const,
      [
        started,
        event({ type: 'content_block_delta', delta: { type: 'signature_delta', signature: 'x' } }),
      ],
      event({ type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'Hm' } }),
    ],
    [
      'responses' as const,
      [created, event({ type: 'response.output_item.added', item: { type: 'message' } })],
      event({ type: 'response.output_text.delta', delta: 'Hi' }),
    ],
    [
      'responses' as const,
      [created, event({ type: 'response.in_progress' })],
      event({ type: 'response.output_item.added', item: { type: 'function_call' } }),
    ],
    [
      'completions' as const,
      ['data: {"choices":[{"text":""}]}\n\n'],
      'data: {"choices":[{"text":"Hi"}]}\n\n',
    ],
  ])('opens a stream of %s at its first content', async (protocol, held, content) => {
    expect(await open([...held, content, content], protocol)).toEqual({
      kind: 'open',
      held: [...held, content],
      isComplete: false,
      usage: undefined,
    });
  });

  it('lets an answer through that finished empty', async () => {
    const finish = event({ type: 'message_delta', delta: { stop_reason: 'end_turn' } });
    const stop = event({ type: 'message_stop' });
    expect(await open([started, finish, stop], 'messages')).toMatchObject({ isComplete: true });
    const completed = event({ type: 'response.completed', response: {} });
    expect(await open([created, completed], 'responses')).toMatchObject({ isComplete: true });
  });

  it('fails at an error, however the protocol tells it', async () => {
    const overloaded = { type: 'overloaded_error', message: 'Overloaded' };
    for (const [protocol, frame] of [
      ['messages', event({ type: 'error', error: overloaded })],
      ['messages', `data: ${JSON.stringify({ type: 'error', error: overloaded })}\n\n`],
      ['responses', event({ type: 'error', code: 'server_error', message: 'Overloaded' })],
      ['responses', event({ type: 'response.failed', response: { error: overloaded } })],
    ] as const) {
      const gate = await open([created, frame], protocol);
      expect(gate).toMatchObject({
        kind: 'failed',
        failure: { cause: 'broken-reply', message: expect.stringContaining('Overloaded') },
      });
    }
  });
});
