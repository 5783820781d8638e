// The commit point. Nothing of a stream reaches the client before its first content, so that until
// then another model can take over.

import type { Exchange } from './exchange.ts';
import { createFailure, type Failure } from './failure.ts';
import type { SseFrame } from './sse.ts';
import { toStreamEvent } from './stream-event.ts';
import { mergeUsage, type Usage } from './usage.ts';

const maxHeldBytes = 16 * 1024 * 1024;

export type GateResult =
  /** `held` goes to the client first, less what is not for it; with `isComplete` it is all there is, its end included. */
  | {
      readonly kind: 'open';
      readonly held: readonly SseFrame[];
      readonly isComplete: boolean;
      readonly usage: Partial<Usage> | undefined;
    }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly payload?: string };

/**
 * Holds the frames of a stream until its first content, or until the end of an answer that
 * finished empty. Rejects as `frames` rejects.
 */
export async function openGate(
  frames: AsyncIterator<SseFrame, void>,
  { protocol, hidesUsage }: Pick<Exchange, 'protocol' | 'hidesUsage'>,
): Promise<GateResult> {
  const held: SseFrame[] = [];
  let heldBytes = 0;
  let isFinished = false;
  let usage: Partial<Usage> | undefined;

  for (;;) {
    const next = await frames.next();
    if (next.done === true) return broken('the stream ended before any content');
    const frame = next.value;
    heldBytes += frame.raw.length;
    if (heldBytes > maxHeldBytes) return broken('the stream goes on without any content');

    const event = toStreamEvent(frame, protocol);
    if (event.kind !== 'usage' || !hidesUsage) held.push(frame);
    if (event.kind !== 'failure') usage = mergeUsage(usage, event.usage);
    switch (event.kind) {
      case 'content':
        return { kind: 'open', held, isComplete: false, usage };
      case 'finish-and-done':
        return { kind: 'open', held, isComplete: true, usage };
      case 'done':
        return isFinished
          ? { kind: 'open', held, isComplete: true, usage }
          : broken('the stream finished without any content');
      case 'failure':
        return { ...event, kind: 'failed' };
      case 'finish':
        isFinished = true;
        break;
      case 'usage':
      case 'other':
        break;
    }
  }
}

function broken(message: string): GateResult {
  return { kind: 'failed', failure: createFailure('broken-reply', message) };
}
