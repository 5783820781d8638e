// While a batch of decisions was being written, the timer of the next one fired, found the writer busy and was never set
// again: what had come in the meantime stayed unwritten until a whole batch more had come, or the router ended. Found by
// counting what clients had been told against what the store held, once the clients had stopped.
import { expect, it } from 'vitest';
import { toQueuedRequest } from '../../src/telemetry/decisions/queued-request.ts';
import { createWriteQueue } from '../../src/telemetry/decisions/write-queue.ts';
import { createDropReport } from '../../src/telemetry/drop-report.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { makeRequest } from '../telemetry/decisions/make-request.ts';

const request = toQueuedRequest(makeRequest(), { text: 'none', excerptCharacters: 1 });

it('writes what came while a slow batch was written, also when nothing more comes', async () => {
  const clock = createFakeClock();
  const sizes: number[] = [];
  let finish = () => {};
  const queue = createWriteQueue({
    write: ({ length }) =>
      new Promise<void>((resolve) => {
        sizes.push(length);
        finish = resolve;
      }),
    report: createDropReport('decisions', clock, { error() {} } as never),
    clock,
    limits: { maxQueued: 1_000, maxCharacters: 1_000_000 },
  });
  for (let index = 0; index < 505; index += 1) queue.add(request);
  clock.advance(2_000);
  finish();
  await new Promise(setImmediate);
  clock.advance(2_000);
  expect(sizes).toEqual([500, 5]);
});
