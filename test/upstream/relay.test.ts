import { describe, expect, it } from 'vitest';
import { createCallGuard } from '../../src/upstream/call-guard.ts';
import type { Exchange } from '../../src/upstream/exchange.ts';
import { createRelay, type Relay } from '../../src/upstream/relay.ts';
import { readFrames } from '../../src/upstream/sse.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { chunk } from '../support/scripted-upstream.ts';
import { collect } from './plan-fixture.ts';

const clock = createFakeClock();

function relay(
  body: AsyncIterable<Uint8Array>,
  toClientFrames: Exchange['toClientFrames'],
  signal = new AbortController().signal,
): Relay {
  return createRelay({
    held: [Buffer.from('data: 1\n\n')],
    isComplete: false,
    rest: readFrames(body),
    guard: createCallGuard({ clock, signal }),
    idleMs: 60_000,
    usage: undefined,
    exchange: {
      protocol: 'chat',
      clientProtocol: 'chat',
      body: Buffer.alloc(0),
      headers: {},
      hidesUsage: false,
      toClientBody: (whole) => whole,
      toClientFrames,
    },
  });
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

describe('createRelay', () => {
  it('is over at once when the client left between the content and the commit', async () => {
    const { finished, frames } = relay(emptyBody(), ({ raw }) => [raw], AbortSignal.abort());
    expect(await finished).toEqual({ kind: 'client-gone', durationMs: 0 });
    expect(await collect(frames)).toBe('');
  });

  it('shows life every ten seconds while all that comes is of no use to the client', async () => {
    async function* thinkingBody() {
      for (let second = 0; second < 25; second += 1) {
        yield Buffer.from(chunk({ reasoning_content: 'hm' }));
        clock.advance(1_000);
      }
      yield Buffer.from('data: [DONE]\n\n');
    }
    const isEnd = (data: string | undefined) => data === '[DONE]';
    const { frames, finished } = relay(thinkingBody(), ({ raw, data }) =>
      isEnd(data) ? [raw] : [],
    );
    const keepAlive = ': keep-alive\n\n';
    expect(await collect(frames)).toBe(`data: 1\n\n${keepAlive}${keepAlive}data: [DONE]\n\n`);
    expect(await finished).toMatchObject({ kind: 'done' });
  });
});
