import { expect, it } from 'vitest';
import { countCalls } from '../../../src/upstream/balance/count-calls.ts';
import { createDeploymentLoad } from '../../../src/upstream/balance/deployment-load.ts';
import { alwaysWell } from '../../../src/upstream/health/health.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { chunk, completion, contentFrames, json, sse } from '../../support/scripted-upstream.ts';
import { collect, createPlanFixture, expectKind, makeTarget } from '../plan-fixture.ts';

it('counts what health lets through, and nothing else', () => {
  const load = createDeploymentLoad(createFakeClock());
  const balancer = { begin: () => load.begin('plain') };
  const shared = { model: 'shared', provider: 'west' };
  const closed = countCalls({ ...alwaysWell, admit: () => undefined }, balancer);
  expect(closed.admit(shared)).toBeUndefined();
  expect(load.inFlight()).toBe(0);

  const ends: string[] = [];
  const health = { ...alwaysWell, admit: () => ({ settle: () => void ends.push('settled') }) };
  const permit = countCalls(health, balancer).admit(shared, { kind: 'plain' });
  expect(load.inFlight()).toBe(1);
  permit?.settle({ kind: 'ok' });
  expect(load.inFlight()).toBe(0);
  expect(ends).toEqual(['settled']);
});

it('learns of calls when their first content comes, and that streams go on until their end', async () => {
  const fixture = await createPlanFixture();
  try {
    const load = createDeploymentLoad(fixture.clock);
    const health = countCalls(alwaysWell, { begin: (_, kind) => load.begin(kind) });
    async function* slowly() {
      fixture.clock.advance(700);
      yield* contentFrames('a');
    }
    fixture.upstream.script(sse(slowly()));
    const streamed = await fixture.run([makeTarget()], { stream: true, health });
    const { frames, finished } = expectKind(streamed, 'stream');
    expect(load.inFlight()).toBe(1);
    expect(load.latency('stream')?.peakMs).toBe(700);
    fixture.clock.advance(1_000);
    expect(await collect(frames)).toContain(chunk({ content: 'a' }));
    await finished;
    expect(load.inFlight()).toBe(0);
    expect(load.latency('stream')?.peakMs).toBe(700);

    fixture.upstream.script((response, request) => {
      fixture.clock.advance(300);
      return json(200, completion('whole'))(response, request);
    });
    expectKind(await fixture.run([makeTarget()], { health }), 'reply');
    expect(load.latency('plain')?.peakMs).toBe(300);
    expect(load.latency('stream')?.peakMs).toBe(700);
  } finally {
    await fixture.close();
  }
});
