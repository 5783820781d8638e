import { createServer } from 'node:net';
import { createRetries, type Retries } from '../../../src/upstream/retries.ts';
import type { FakeClock } from '../../support/fake-clock.ts';

/** A port that nobody listens on. */
export async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Real retries, but for time, which passes at once where the plan waits. */
export function createWatchedRetries(clock: FakeClock, onWait: (ms: number) => void): Retries {
  const retries = createRetries({ perModel: 1, waitMs: 5_000, share: 1 }, () => 0);
  return {
    forRequest() {
      const inner = retries.forRequest();
      return {
        begin: inner.begin,
        next(...how) {
          const waitMs = inner.next(...how);
          if (waitMs !== undefined) {
            onWait(waitMs);
            setImmediate(() => clock.advance(waitMs));
          }
          return waitMs;
        },
      };
    },
  };
}
