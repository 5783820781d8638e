import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFewExamplesHome } from '../support/few-examples.ts';
import { type Home, startServer } from '../support/run-switchyard.ts';

let home: Home;

beforeEach(() => {
  home = createFewExamplesHome(4);
});

afterEach(() => home.remove());

it('ends at once though a client holds connections that ask nothing', async () => {
  const server = await startServer({ home });
  const silent = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(silent, 'connect');
  await fetch(`${server.url}/v1/models`);
  const askedAtMs = performance.now();
  expect(await server.stop()).toBe(0);
  // Requests under way have 10 seconds.
  expect(performance.now() - askedAtMs).toBeLessThan(5_000);
  silent.destroy();
});
