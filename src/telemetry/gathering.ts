import type { Clock, Timer } from '../clock.ts';

interface Batching {
  readonly size: number;
  readonly everyMs: number;
}

const usual: Batching = { size: 32, everyMs: 250 };

/** What comes in one by one and is handled many at a time. */
export interface Gathering<Item> {
  /** How many wait. */
  readonly size: number;
  add(item: Item): void;
  /** Handles those that wait now; afterwards no timer runs. */
  flush(): void;
}

/**
 * Lets items wait for others, or for `everyMs`. What is to be kept of requests costs less when it is made of many, one
 * after the other, than between everything else that a request needs.
 */
export function createGathering<Item>(
  handle: (batch: readonly Item[]) => void,
  clock: Clock,
  { size, everyMs } = usual,
): Gathering<Item> {
  let waiting: Item[] = [];
  let timer: Timer | undefined;

  function flush(): void {
    timer?.cancel();
    timer = undefined;
    const batch = waiting;
    waiting = [];
    if (batch.length > 0) handle(batch);
  }

  return {
    get size() {
      return waiting.length;
    },
    add(item) {
      waiting.push(item);
      if (waiting.length >= size) flush();
      else timer ??= clock.setTimer(everyMs, flush);
    },
    flush,
  };
}
