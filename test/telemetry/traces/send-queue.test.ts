import { describe, expect, it } from 'vitest';
import { createSendQueue } from '../../../src/telemetry/traces/send-queue.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

function openQueue() {
  const sent: (readonly number[])[] = [];
  const arrivals: (() => void)[] = [];
  let dropped = 0;
  const queue = createSendQueue<number>({
    send(items) {
      sent.push(items);
      return new Promise<void>((resolve) => arrivals.push(resolve));
    },
    onDropped: (count) => {
      dropped += count;
    },
  });
  const arrive = async () => {
    for (const resolve of arrivals.splice(0)) resolve();
    await Promise.resolve();
  };
  const sizes = () => sent.map(({ length }) => length);
  return { queue, sent, sizes, arrive, dropped: () => dropped };
}

describe('a queue of what is to be sent', () => {
  it('sends at once while few batches are under way, and then larger ones', async () => {
    const { queue, sizes, arrive, dropped } = openQueue();
    for (let batch = 0; batch < 10; batch += 1) queue.add(numbers(32));
    expect(sizes()).toEqual([32, 32, 32, 32]);
    await arrive();
    expect(sizes().slice(4)).toEqual([128, 64]);
    expect(dropped()).toBe(0);
  });

  it('keeps the order', async () => {
    const { queue, sent, arrive } = openQueue();
    const items = numbers(320);
    for (let from = 0; from < 320; from += 32) queue.add(items.slice(from, from + 32));
    await arrive();
    expect(sent.flat()).toEqual(items);
  });

  it('drops what finds no room, and says how much', async () => {
    const { queue, sent, arrive, dropped } = openQueue();
    for (let batch = 0; batch < 4; batch += 1) queue.add([batch]);
    queue.add(numbers(2_000));
    queue.add(numbers(100));
    expect(dropped()).toBe(52);
    for (let round = 0; round < 6; round += 1) await arrive();
    expect(sent.flat()).toHaveLength(4 + 2_048);
  });

  it('sends everything when it is to end', () => {
    const { queue, sent } = openQueue();
    for (let batch = 0; batch < 10; batch += 1) queue.add(numbers(100));
    queue.flush();
    expect(sent.flat()).toHaveLength(1_000);
  });
});
