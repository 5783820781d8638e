const mostUnderWay = 4;
const mostWaiting = 2_048;
const batchSize = 128;

/** Sends items in batches, a few at a time. */
export interface SendQueue<Item> {
  /** What finds no room since the receiver is slow is dropped. */
  add(items: readonly Item[]): void;
  /** Sends everything that waits now, whatever is under way. */
  flush(): void;
}

/** `send` resolves when a batch has arrived or is lost, and never rejects. */
export function createSendQueue<Item>(how: {
  readonly send: (items: readonly Item[]) => Promise<unknown>;
  readonly onDropped: (count: number) => void;
}): SendQueue<Item> {
  const { send, onDropped } = how;
  let waiting: Item[] = [];
  let underWay = 0;

  function sendBatch(): void {
    const batch = waiting.slice(0, batchSize);
    waiting = waiting.slice(batchSize);
    underWay += 1;
    void send(batch).then(() => {
      underWay -= 1;
      sendWhatMay();
    });
  }

  function sendWhatMay(): void {
    while (waiting.length > 0 && underWay < mostUnderWay) sendBatch();
  }

  return {
    add(items) {
      const room = mostWaiting - waiting.length;
      waiting = [...waiting, ...items.slice(0, room)];
      if (items.length > room) onDropped(items.length - room);
      sendWhatMay();
    },
    flush() {
      while (waiting.length > 0) sendBatch();
    },
  };
}
