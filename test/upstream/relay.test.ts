import { describe, expect, it } from 'vitest';
import { createCallGuard } from '../../src/upstream/call-guard.ts';
import { createRelay } from '../../src/upstream/relay.ts';
import { readFrames } from '../../src/upstream/sse.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { collect } from './plan-fixture.ts';

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

describe('createRelay', () => {
  it('is over at once when the client left between the content and the commit', async () => {
    const guard = createCallGuard({ clock: createFakeClock(), signal: AbortSignal.abort() });
    const rest = readFrames(emptyBody());
    const held = [Buffer.from('data: 1\n\n')];
    const relay = createRelay({
      held,
      isComplete: false,
      rest,
      guard,
      idleMs: 1_000,
      usage: undefined,
      exchange: {
        protocol: 'chat',
        clientProtocol: 'chat',
        body: Buffer.alloc(0),
        headers: {},
        hidesUsage: false,
        toClientBody: (body) => body,
        toClientFrames: ({ raw }) => [raw],
      },
    });
    expect(await relay.finished).toEqual({ kind: 'client-gone', durationMs: 0 });
    expect(await collect(relay.frames)).toBe('');
  });
});
