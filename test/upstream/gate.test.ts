import { describe, expect, it } from 'vitest';
import { openGate } from '../../src/upstream/gate.ts';
import { readFrames } from '../../src/upstream/sse.ts';
import { chunk } from '../support/scripted-upstream.ts';

const role = chunk({ role: 'assistant', content: '' });
const done = 'data: [DONE]\n\n';

async function open(frames: readonly string[]) {
  async function* body() {
    for (const frame of frames) yield Buffer.from(frame);
  }
  const gate = await openGate(readFrames(body()));
  return gate.kind === 'open' ? { ...gate, held: gate.held.map(String) } : gate;
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
    });
  });

  it('opens at the content of any choice', async () => {
    const second =
      'data: {"choices":[{"index":0,"delta":{}},{"index":1,"delta":{"content":"x"}}]}\n\n';
    expect(await open([second])).toMatchObject({ kind: 'open' });
  });

  it('lets an empty completion through once it is complete', async () => {
    const frames = [role, chunk({}, 'stop'), 'data: {"choices":[],"usage":{}}\n\n', done];
    expect(await open(frames)).toEqual({ kind: 'open', held: frames, isComplete: true });
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

  it('does not hold without end', async () => {
    const padding = `: ${'x'.repeat(4 << 20)}\n\n`;
    expect(await open([padding, padding, padding, padding, role])).toMatchObject({
      failure: { message: 'the stream goes on without any content' },
    });
  });
});
